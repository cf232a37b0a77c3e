package io.headroom.sharding.patterns;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardStrategy;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class EmailIndexTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  private static final List<HikariDataSource> opened = new ArrayList<>();

  private static EmailIndex index;

  @BeforeAll
  static void createTables() throws SQLException {
    for (int server = 0; server < 2; server++) {
      HikariConfig config = new HikariConfig();
      config.setJdbcUrl(postgres.jdbcUrl(server));
      config.setMinimumIdle(0);
      opened.add(new HikariDataSource(config));
    }
    // snippet: lookup-wiring
    ShardMap map = ShardMap.of("a", "b");
    Map<String, DataSource> pools = Map.of("a", pool(0), "b", pool(1));
    ShardRouter<Long> users =
        ShardRouter.builder(ShardStrategy.hashedLongs()).name("users").map(map).build();
    ShardRouter<String> addresses =
        ShardRouter.builder(ShardStrategy.hashedStrings()).name("addresses").map(map).build();
    ShardedDataSource byUserId = ShardedDataSource.builder(users).dataSources(pools).build();
    ShardedDataSource byEmail = ShardedDataSource.builder(addresses).dataSources(pools).build();
    // end snippet
    index = new EmailIndex(byUserId, byEmail);
    for (DataSource pool : pools.values()) {
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute(EmailIndex.DDL);
      }
    }
  }

  @Test
  void aUserIsFoundByAddress() throws SQLException {
    for (long user = 1; user <= 50; user++) {
      assertThat(index.register(user, "ada-" + user + "@example.org")).isTrue();
    }
    for (long user = 1; user <= 50; user++) {
      assertThat(index.find("ada-" + user + "@example.org")).hasValue(user);
    }
    assertThat(index.find("nobody@example.org")).isEmpty();
  }

  @Test
  void anAddressIsGivenOnceInTheWholeFleet() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Boolean>> registrations = new ArrayList<>();
      for (long user = 1_000; user < 1_020; user++) {
        long id = user;
        registrations.add(threads.submit(() -> index.register(id, "wanted@example.org")));
      }
      int won = 0;
      for (Future<Boolean> registration : registrations) {
        won += registration.get() ? 1 : 0;
      }
      assertThat(won).isEqualTo(1);
      assertThat(usersWith("wanted@example.org")).isEqualTo(1);
      assertThat(index.find("wanted@example.org")).isPresent();
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aRegistrationThatDiedHalfwayDoesNotKeepTheAddress() throws SQLException {
    assertThat(index.claim(2_000, "orphan@example.org")).isTrue(); // and then the process died
    assertThat(index.find("orphan@example.org")).isEmpty();
    assertThat(index.register(2_001, "orphan@example.org")).isTrue();
    assertThat(index.find("orphan@example.org")).hasValue(2_001);
    assertThat(index.register(2_002, "orphan@example.org")).isFalse();
  }

  @Test
  void aRegistrationThatDiedBeforeItsLastStepHasTheAddress() throws SQLException {
    assertThat(index.claim(3_000, "nearly@example.org")).isTrue();
    index.insertUser(3_000, "nearly@example.org"); // and then the process died
    assertThat(index.find("nearly@example.org")).hasValue(3_000);
    assertThat(index.register(3_001, "nearly@example.org")).isFalse();
    assertThat(index.find("nearly@example.org")).hasValue(3_000);
  }

  @AfterAll
  static void close() {
    opened.forEach(HikariDataSource::close);
  }

  private static DataSource pool(int server) {
    return opened.get(server);
  }

  private static long usersWith(String email) throws SQLException {
    long found = 0;
    for (int server = 0; server < 2; server++) {
      try (Connection connection = pool(server).getConnection();
          Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT count(*) FROM users WHERE email = '" + email + "'")) {
        row.next();
        found += row.getLong(1);
      }
    }
    return found;
  }
}
