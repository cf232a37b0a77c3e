package com.example.market.growth;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  private static final long FROM = 1_000;
  private static final long SOON = Duration.ofMillis(1).toNanos();
  private static final long LATE = OpenLoad.PATIENCE.toNanos() + 1;

  private final Outcome outcome = new Outcome(FROM, Duration.ofSeconds(3));

  private void answered(int status, long waited) {
    outcome.came(FROM);
    outcome.answered(status, FROM, FROM + waited);
  }

  private void failed(Exception failure, long waited) {
    outcome.came(FROM);
    outcome.failed(failure, FROM, FROM + waited);
  }

  @Test
  void eachIsOneOfServedRefusedFailedAndLeftWaiting() {
    answered(200, SOON);
    answered(429, SOON);
    answered(503, SOON);
    answered(404, SOON);
    failed(new SQLException("gone", "08006"), SOON);
    answered(200, LATE);
    answered(503, LATE);
    failed(new SQLException("gone", "08006"), LATE);
    assertThat(outcome.percentInTime()).isEqualTo(12.5);
    assertThat(outcome.percentRefused()).isEqualTo(25);
    assertThat(outcome.percentFailed()).isEqualTo(25);
    assertThat(outcome.percentLeftWaiting()).isEqualTo(37.5);
  }

  @Test
  void nobodyIsLeftWaitingIfAllWereToldInTime() {
    answered(200, SOON);
    answered(503, SOON);
    answered(404, SOON);
    assertThat(Figures.percent(outcome.percentLeftWaiting())).isEqualTo("0 %");
  }

  /** Though their users had gone, and before counting began. */
  @Test
  void noFailureIsForgotten() {
    answered(404, LATE);
    outcome.came(FROM - 1);
    outcome.failed(new SQLException("gone", "08006"), FROM - 1, FROM);
    assertThat(outcome.failures().others()).isEqualTo(2);
    assertThat(outcome.percentFailed()).isZero();
    assertThat(outcome.failures())
        .hasToString(
            "2 failed, 0 of them since all connections were in use; first of the others"
                + " java.lang.IllegalStateException: answered with 404");
  }

  /** A pool that could not connect says so by the SQLSTATE of that. */
  @Test
  void aFullPoolIsToldFromAServerThatIsGone() {
    failed(new SQLTransientConnectionException("market - timed out"), SOON);
    assertThat(outcome.failures().others()).isZero();
    assertThat(outcome.failures())
        .hasToString(
            "1 failed, 1 of them since all connections were in use; first"
                + " java.sql.SQLTransientConnectionException: market - timed out (null)");
    failed(new SQLTransientConnectionException("market - timed out", "08001"), SOON);
    assertThat(outcome.failures().all()).isEqualTo(2);
    assertThat(outcome.failures().others()).isOne();
    assertThat(outcome.failures().toString())
        .startsWith("2 failed, 1 of them since")
        .endsWith(
            "first of the others java.sql.SQLTransientConnectionException: market - timed"
                + " out (08001)");
  }

  /** HikariCP gives the SQLSTATE of its cause, if that has one. */
  @Test
  void aPoolThatCouldNotConnectIsNotFullThoughItGivesNoSqlState() {
    SQLTransientConnectionException failure =
        new SQLTransientConnectionException(
            "market - timed out", null, new IllegalStateException("no such host"));
    failed(failure, SOON);
    assertThat(outcome.failures().others()).isOne();
    assertThat(outcome.failures().strange()).isOne();
  }

  @Test
  void whatAServerThatDiesExplainsIsTold() {
    failed(new SQLTransientConnectionException("market - timed out"), SOON);
    failed(new SQLException("connection lost", "08006"), SOON);
    failed(new SQLException("the postmaster has exited", "57P01"), SOON);
    failed(new SQLTransactionRollbackException("demoted", "40001"), SOON);
    failed(new SQLTimeoutException("too late", "57014", new SQLException("gone", "08001")), SOON);
    assertThat(outcome.failures().others()).isEqualTo(4);
    assertThat(outcome.failures().strange()).isZero();
    failed(new SQLException("no such table", "42P01"), SOON);
    failed(new SQLException("without a state"), SOON);
    answered(404, SOON);
    failed(new SQLTimeoutException("too late for no reason", "57014"), SOON);
    assertThat(outcome.failures().others()).isEqualTo(8);
    assertThat(outcome.failures().strange()).isEqualTo(4);
    assertThat(outcome.failures())
        .hasToString(
            "9 failed, 1 of them since all connections were in use; first of the others"
                + " java.sql.SQLException: no such table (42P01)");
  }
}
