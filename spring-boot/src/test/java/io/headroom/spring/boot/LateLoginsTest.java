package io.headroom.spring.boot;

import static io.headroom.spring.boot.Background.knocking;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** Logins beside a pool that take longer than anybody waits for them, or for ever. */
class LateLoginsTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  private static final Duration MOST = Duration.ofSeconds(1);
  private static final Duration LOST = Duration.ofSeconds(3);

  private final TestTime time = new TestTime();
  private final Knocks knocks = new Knocks(MOST, time);
  private final HangingDriver driver = new HangingDriver();
  private final HikariDataSource pool = new HikariDataSource();

  @BeforeEach
  void register() throws SQLException {
    DriverManager.registerDriver(driver);
    pool.setJdbcUrl(HangingDriver.url(postgres.jdbcUrl(0)));
  }

  @AfterEach
  void deregister() throws SQLException {
    knocks.close();
    driver.release();
    pool.close();
    DriverManager.deregisterDriver(driver);
  }

  /** The first is lost with its connection, and the server is back. */
  @Test
  void aLoginThatNeverReturnsIsGivenUpForAnother() {
    driver.hang();
    assertThat(knocks.isAnswered(pool)).isFalse();
    CountDownLatch lost = driver.leave();
    assertThat(knocks.isAnswered(pool)).as("it may come yet").isFalse();
    assertThat(driver.logins()).isEqualTo(1);
    time.pass(LOST);
    assertThat(knocks.isAnswered(pool)).isTrue();
    assertThat(driver.logins()).isEqualTo(2);
    assertThat(lost.getCount()).as("it hangs still").isEqualTo(1);
    assertThat(knocks.isAnswered(pool)).isTrue();
    lost.countDown();
  }

  @Test
  void notMoreThanThreeHangAtATime() {
    driver.hang();
    for (int day = 0; day < 5; day++) {
      assertThat(knocks.isAnswered(pool)).isFalse();
      time.pass(Duration.ofDays(1));
    }
    assertThat(driver.logins()).isEqualTo(Inquiries.MOST_OPEN);
    assertThat(knocking()).isEqualTo(Inquiries.MOST_OPEN);
    driver.release();
    Awaitility.await().until(() -> knocking() == 0);
    assertThat(knocks.isAnswered(pool)).isTrue();
  }

  /** The third is begun after four times as long, so that an outage does not use up all at once. */
  @Test
  void eachTimeIsWaitedForLonger() {
    driver.hang();
    assertThat(knocks.isAnswered(pool)).isFalse();
    time.pass(LOST);
    assertThat(knocks.isAnswered(pool)).isFalse();
    time.pass(LOST);
    assertThat(knocks.isAnswered(pool)).isFalse();
    assertThat(driver.logins()).isEqualTo(2);
    time.pass(LOST.multipliedBy(3));
    assertThat(knocks.isAnswered(pool)).isFalse();
    assertThat(driver.logins()).isEqualTo(3);
  }

  /** The next one is late as well, and by now it is known that they come. */
  @Test
  void anAnswerThatNobodyWaitedForCountsForAWhile() {
    driver.hang();
    assertThat(knocks.isAnswered(pool)).isFalse();
    driver.release();
    Awaitility.await().until(() -> knocking() == 0);
    driver.hang();
    assertThat(knocks.isAnswered(pool)).isTrue();
    assertThat(driver.logins()).as("it was asked all the same").isEqualTo(2);
    time.pass(Knocks.KNOWN_FOR);
    assertThat(knocks.isAnswered(pool)).isFalse();
  }

  /** What a pool's own connection has heard counts as well, until the server is gone. */
  @Test
  void aServerThatIsGoneIsNotKnownAnyMore() {
    AtomicReference<SQLException> thrown = new AtomicReference<>(new SQLTimeoutException("late"));
    try (HikariDataSource failing = new HikariDataSource()) {
      failing.setDataSource(
          new DelegatingDataSource(postgres.dataSource(0)) {
            @Override
            public Connection getConnection() throws SQLException {
              throw thrown.get();
            }
          });
      assertThat(knocks.isAnswered(failing)).isFalse();
      knocks.heard(failing);
      assertThat(knocks.isAnswered(failing)).isTrue();
      thrown.set(new SQLException("gone", "08001"));
      assertThat(knocks.isAnswered(failing)).isFalse();
      thrown.set(new SQLTimeoutException("late"));
      assertThat(knocks.isAnswered(failing)).isFalse();
    }
  }

  @Test
  void thatADriverHasWaitedInVainIsNoAnswer() {
    assertThat(Knocks.said(new SQLTimeoutException("late"))).isEqualTo(Knocks.Said.NOTHING);
    assertThat(Knocks.said(new SQLException("late", "HYT00"))).isEqualTo(Knocks.Said.NOTHING);
    assertThat(Knocks.said(new SQLException("x", "08006", new SocketTimeoutException("late"))))
        .isEqualTo(Knocks.Said.NOTHING);
    assertThat(Knocks.said(new SQLException("x", "08001", new ConnectException("refused"))))
        .isEqualTo(Knocks.Said.GONE);
    assertThat(Knocks.said(new SQLException("nobody says why"))).isEqualTo(Knocks.Said.GONE);
    assertThat(Knocks.said(new SQLException("full", "53300"))).isEqualTo(Knocks.Said.THERE);
  }

  @Test
  void whoeverKnocksStopsWhenItIsClosed() {
    driver.hang();
    assertThat(knocks.isAnswered(pool)).isFalse();
    assertThat(knocking()).isEqualTo(1);
    knocks.close();
    Awaitility.await().until(() -> knocking() == 0);
    int before = driver.logins();
    assertThat(knocks.isAnswered(pool)).as("nothing is known of the server").isTrue();
    assertThat(driver.logins()).isEqualTo(before);
  }
}
