package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.SQLExceptionOverride.Override;
import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;
import org.postgresql.util.ServerErrorMessage;

class PostgresFailuresTest {

  private static final String ANOTHER_FATAL = "\u0412\u0410\u0416\u041d\u041e";

  private static FailureKind kindOf(SQLException failure) {
    return ReplicationProbe.postgres().classify(failure);
  }

  /** What the server sends, as the driver throws it. */
  private static PSQLException said(String severity, String state) {
    return new PSQLException(
        new ServerErrorMessage("S" + severity + "\0C" + state + "\0Msomething\0"));
  }

  /** What the driver adds when it reads on and the connection has ended. */
  private static SQLException thenEnded(SQLException said) {
    said.setNextException(new PSQLException("I/O error", PSQLState.CONNECTION_FAILURE));
    return said;
  }

  @ParameterizedTest
  @CsvSource({
    "08000, CONNECTION_LOST",
    "08001, CONNECTION_LOST",
    "08003, CONNECTION_CLOSED",
    "08006, CONNECTION_LOST",
    "57P01, CONNECTION_LOST",
    "57P02, CONNECTION_LOST",
    "57P03, CONNECTION_LOST",
    "57P04, CONNECTION_LOST",
    "57P05, SESSION_ENDED",
    "25P03, SESSION_ENDED",
    "25P04, SESSION_ENDED",
    "53300, CONNECTION_LOST",
    "40001, READ_CONFLICT",
    "40P01, READ_CONFLICT",
    "25006, READ_ONLY",
    "57014, STATEMENT",
    "23505, STATEMENT",
    "42601, STATEMENT",
    "25P02, STATEMENT",
  })
  void saysWhatAStateMeansThatNoServerGave(String state, FailureKind kind) {
    assertThat(kindOf(new SQLException("something", state))).isEqualTo(kind);
  }

  /** The session lives: a foreign data wrapper has passed on what another server did. */
  @ParameterizedTest
  @CsvSource({
    "08001, STATEMENT",
    "08003, STATEMENT",
    "08006, STATEMENT",
    "57P01, STATEMENT",
    "57P03, STATEMENT",
    "53300, STATEMENT",
    "23505, STATEMENT",
    "40001, READ_CONFLICT",
    "25006, READ_ONLY",
  })
  void anErrorOfTheServerEndsNoSession(String state, FailureKind kind) {
    assertThat(kindOf(said("ERROR", state))).isEqualTo(kind);
    assertThat(kindOf(new SQLException("ERROR: something", state))).isEqualTo(kind);
    SQLException batch =
        new BatchUpdateException("Batch entry 0", state, 0, new int[0], said("ERROR", state));
    batch.setNextException(said("ERROR", state));
    assertThat(kindOf(batch)).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(strings = {"08006", "08P01", "57P01", "57P04", "XX000", "28P01", "55000"})
  void whatIsFatalLosesTheConnectionWhateverItsState(String state) {
    assertThat(kindOf(said("FATAL", state))).isEqualTo(FailureKind.CONNECTION_LOST);
    assertThat(kindOf(said("PANIC", state))).isEqualTo(FailureKind.CONNECTION_LOST);
    assertThat(kindOf(new SQLException("FATAL: something", state)))
        .isEqualTo(FailureKind.CONNECTION_LOST);
    SQLException batch =
        new BatchUpdateException("Batch entry 0", state, 0, new int[0], said("FATAL", state));
    assertThat(kindOf(batch)).isEqualTo(FailureKind.CONNECTION_LOST);
    assertThat(kindOf(new SQLTransientConnectionException("pool", state, said("FATAL", state))))
        .isEqualTo(FailureKind.CONNECTION_LOST);
  }

  /** By the server's rules, or in the way of its replay; the server itself is well. */
  @ParameterizedTest
  @ValueSource(strings = {"57P05", "25P03", "25P04", "40001", "40P01"})
  void whatEndsOneSessionSpeaksAgainstNoServer(String state) {
    for (SQLException fatal :
        List.of(said("FATAL", state), new SQLException("FATAL: something", state))) {
      assertThat(kindOf(fatal)).isEqualTo(FailureKind.SESSION_ENDED);
      assertThat(kindOf(thenEnded(fatal))).isEqualTo(FailureKind.SESSION_ENDED);
    }
    assertThat(kindOf(thenEnded(said(ANOTHER_FATAL, state)))).isEqualTo(FailureKind.SESSION_ENDED);
    SQLException batch =
        new BatchUpdateException("Batch entry 0", state, 0, new int[0], said("FATAL", state));
    assertThat(kindOf(batch)).isEqualTo(FailureKind.SESSION_ENDED);
    assertThat(kindOf(said("PANIC", state))).isEqualTo(FailureKind.CONNECTION_LOST);
  }

  /** The cancel of a statement, which its session outlived for a moment. */
  @Test
  void aConnectionThatBreaksAfterAConflictIsLost() {
    assertThat(kindOf(thenEnded(said("ERROR", "40001")))).isEqualTo(FailureKind.CONNECTION_LOST);
  }

  /** Servers translate the severity ({@code lc_messages}). */
  @ParameterizedTest
  @ValueSource(strings = {"08006", "57P01", "XX000"})
  void whatIsFatalInAnotherLanguageShowsByTheConnectionsEnd(String state) {
    assertThat(kindOf(thenEnded(said(ANOTHER_FATAL, state))))
        .isEqualTo(FailureKind.CONNECTION_LOST);
  }

  @Test
  void anErrorInAnotherLanguageEndsNoSession() {
    assertThat(kindOf(said("FEHLER", "08006"))).isEqualTo(FailureKind.STATEMENT);
    assertThat(kindOf(said("FEHLER", "40001"))).isEqualTo(FailureKind.READ_CONFLICT);
  }

  @Test
  void whereThereIsNoStateTheCauseOrTheClassTells() {
    SQLException refused = new SQLException("refused", "08001");
    assertThat(kindOf(new SQLException("pool", refused))).isEqualTo(FailureKind.CONNECTION_LOST);
    assertThat(kindOf(new SQLTransientConnectionException("pool")))
        .isEqualTo(FailureKind.CONNECTION_LOST);
    assertThat(kindOf(new SQLTransientConnectionException("pool", new SQLException("no state"))))
        .isEqualTo(FailureKind.CONNECTION_LOST);
    assertThat(kindOf(new SQLException("driver's own"))).isEqualTo(FailureKind.STATEMENT);
  }

  @Test
  void aPoolKeepsAConnectionThatOnlyPassesOnALoss() {
    FailoverExceptionOverride override = new FailoverExceptionOverride();
    assertThat(override.adjudicate(said("ERROR", "08006"))).isEqualTo(Override.DO_NOT_EVICT);
    assertThat(override.adjudicate(said("ERROR", "0A000"))).isEqualTo(Override.CONTINUE_EVICT);
    assertThat(override.adjudicate(said("FATAL", "40001"))).isEqualTo(Override.MUST_EVICT);
    assertThat(override.adjudicate(new SQLException("closed", "08003")))
        .isEqualTo(Override.MUST_EVICT);
  }
}
