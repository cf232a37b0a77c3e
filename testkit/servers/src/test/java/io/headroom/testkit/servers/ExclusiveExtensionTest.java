package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ExclusiveExtensionTest {

  @RegisterExtension
  static final PostgresExtension postgres =
      PostgresExtension.servers(1).setting("max_connections", "17").exclusive();

  @Test
  void hasItsSetting() throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SHOW max_connections")) {
      rows.next();
      assertThat(rows.getInt(1)).isEqualTo(17);
    }
    assertThat(postgres.toString()).contains("postgres-0").contains(postgres.database());
  }

  @Test
  void nonsenseIsRefusedByName() {
    assertThatThrownBy(() -> PostgresExtension.servers(0)).hasMessageContaining("was 0");
    assertThatThrownBy(() -> postgres.setting("max_connections", "18"))
        .hasMessageContaining("set twice: to 17 and to 18");
    PostgresExtension unregistered = PostgresExtension.servers(1);
    assertThatThrownBy(unregistered::servers)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("static field");
  }
}
