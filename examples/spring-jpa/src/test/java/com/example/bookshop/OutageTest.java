package com.example.bookshop;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.bookshop.RunningBookshop.Browser;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The running application where servers die, or connections are short. */
class OutageTest {

  private static final int CONNECTIONS = 2;

  @RegisterExtension
  static final PostgresExtension postgres =
      PostgresExtension.servers(1).replicas(2).setting("log_statement", "all");

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private RunningBookshop shop;
  private Browser user;
  private long author;

  @BeforeEach
  void start() {
    shop =
        RunningBookshop.after(
            postgres,
            redis.get(),
            Map.of("headroom.database.pool.maximum-size", Integer.toString(CONNECTIONS)));
    user = shop.browser();
    author = user.author("Beckett");
    user.post(books(), "title", "Murphy");
    replicas().forEach(replica -> replica.awaitReplayOf(postgres.server(0)));
  }

  @AfterEach
  void stop() {
    shop.close();
    postgres.heal();
  }

  private static List<PostgresServer> replicas() {
    return postgres.replicasOf(0);
  }

  private String books() {
    return "/authors/" + author + "/books";
  }

  private String titles() {
    return "/authors/" + author + "/titles";
  }

  /** Both connections for writes wait for a lock, so whoever else writes is told to come back. */
  @Test
  void whoGetsNoConnectionIsToldWhenToComeBackAndReadsGoOn() throws SQLException {
    try (Connection locker = postgres.dataSource(0).getConnection()) {
      locker.setAutoCommit(false);
      try (Statement statement = locker.createStatement()) {
        statement.execute("LOCK TABLE author IN EXCLUSIVE MODE");
      }
      List<CompletableFuture<HttpResponse<String>>> holders =
          Stream.of("Ionesco", "Genet")
              .map(name -> CompletableFuture.supplyAsync(() -> shop.browser().tryAuthor(name)))
              .toList();
      Awaitility.await().until(() -> blocked() == CONNECTIONS);
      HttpResponse<String> refused = user.tryAuthor("Pinter");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      assertThat(refused.body()).contains("temporary-reduced-capacity");
      assertThat(shop.browser().get(titles())).isEqualTo("[\"Murphy\"]");

      locker.rollback();
      assertThat(holders).allMatch(holder -> holder.join().statusCode() == 200);
      Awaitility.await().until(() -> user.tryAuthor("Pinter").statusCode() == 200);
    }
  }

  private static int blocked() throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM pg_stat_activity"
                    + " WHERE datname = current_database() AND wait_event_type = 'Lock'")) {
      row.next();
      return row.getInt(1);
    }
  }

  /**
   * A connection whose server has just died fails what it is used for next: one read for each that
   * the pool had, and no other, from the first on.
   */
  @Test
  void aReplicaDiesAndNoMoreReadsFailThanItHadConnections() {
    for (int i = 0; i < 10; i++) {
      assertThat(user.get(titles())).isEqualTo("[\"Murphy\"]");
    }
    replicas().get(0).kill();
    List<HttpResponse<String>> failed = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      read(failed);
    }
    Awaitility.await()
        .until(
            () -> {
              read(failed);
              return user.get("/actuator/headroom").matches(".*\"b\":\\{[^}]*\"up\":false.*");
            });
    assertThat(failed).hasSizeLessThanOrEqualTo(CONNECTIONS);
    for (int i = 0; i < 20; i++) {
      assertThat(user.get(titles())).as("it is known to be dead").isEqualTo("[\"Murphy\"]");
    }
    assertThat(user.get("/actuator/health")).contains("\"status\":\"UP\"");
  }

  private void read(List<HttpResponse<String>> failed) {
    HttpResponse<String> answer = user.ask(titles());
    if (answer.statusCode() == 200) {
      assertThat(answer.body()).isEqualTo("[\"Murphy\"]");
    } else {
      failed.add(answer);
    }
  }

  @Test
  void thePrimaryDiesAndAFailoverNeedsNoRestart() {
    List<PostgresServer> replicas = replicas();
    PostgresServer promoted = replicas.get(0);
    postgres.server(0).kill();
    assertThat(shop.browser().get(titles())).as("there is no primary").isEqualTo("[\"Murphy\"]");
    promoted.promote();
    replicas.get(1).follow(promoted);
    Awaitility.await()
        .untilAsserted(
            () ->
                assertThat(user.post(books(), "title", "Molloy"))
                    .isEqualTo("[\"Murphy\",\"Molloy\"]"));
    assertThat(user.get("/authors/" + author)).contains("Murphy", "Molloy");
  }
}
