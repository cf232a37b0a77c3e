package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresExtensionTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  @Test
  void eachServerHasTheClassesDatabase() throws SQLException {
    assertThat(postgres.servers()).hasSize(2);
    for (int number = 0; number < 2; number++) {
      try (Connection connection = postgres.dataSource(number).getConnection()) {
        assertThat(connection.getCatalog()).isEqualTo(postgres.database());
      }
    }
  }

  @Nested
  class Inside {
    @Test
    void aNestedClassHasTheSameDatabase() {
      assertThat(postgres.database()).startsWith("postgres_extension_test_");
      assertThat(postgres.jdbcUrl(1)).contains("/" + postgres.database() + "?");
    }
  }
}
