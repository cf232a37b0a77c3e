package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;

/** What JUnit gives back at the end of a class, and at the end of all. */
class EndOfClassTest {

  private static String databaseOfTheFirst = "";
  private static List<String> databasesSeenByTheLast = List.of();
  private static final List<Boolean> runningInTheLast = new ArrayList<>();

  @Order(1)
  static class First {
    @RegisterExtension static final PostgresExtension shared = PostgresExtension.servers(1);

    @RegisterExtension
    static final PostgresExtension own = PostgresExtension.servers(1).exclusive();

    @Test
    void has() {
      databaseOfTheFirst = shared.database();
      assertThat(own.server(0).isRunning()).isTrue();
    }
  }

  @Order(2)
  static class Last {
    @RegisterExtension static final PostgresExtension shared = PostgresExtension.servers(1);

    @Test
    void sees() throws SQLException {
      assertThat(shared.servers()).isEqualTo(First.shared.servers());
      runningInTheLast.add(shared.server(0).isRunning());
      runningInTheLast.add(First.own.server(0).isRunning());
      databasesSeenByTheLast = databases(shared.server(0));
    }
  }

  @Test
  void databasesAndOwnServersGoWithTheClassAndSharedServersWithAll() {
    EngineTestKit.engine("junit-jupiter")
        .configurationParameter(
            ClassOrderer.DEFAULT_ORDER_PROPERTY_NAME, ClassOrderer.OrderAnnotation.class.getName())
        .selectors(selectClass(First.class), selectClass(Last.class))
        .execute()
        .testEvents()
        .assertStatistics(tests -> tests.succeeded(2).failed(0));

    assertThat(databasesSeenByTheLast)
        .contains(Last.shared.database())
        .doesNotContain(databaseOfTheFirst);
    assertThat(runningInTheLast).containsExactly(true, false);
    assertThat(Last.shared.server(0).isRunning()).isFalse();
  }

  private static List<String> databases(PostgresServer server) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Connection connection = server.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT datname FROM pg_database")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    return names;
  }
}
