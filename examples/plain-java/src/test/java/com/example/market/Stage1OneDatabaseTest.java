package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class Stage1OneDatabaseTest extends StageContract {

  @RegisterExtension static final PostgresExtension postgres = Stalls.servers();

  @BeforeAll
  static void tables() throws SQLException {
    Stalls.make(postgres.dataSource(0), stall -> true);
  }

  @Override
  Market open() {
    return new Stage1OneDatabase(Stalls.urls(postgres, 0).get(0));
  }

  @Override
  void heal() {}

  /** What the next stage is for. */
  @Test
  void whileAllConnectionsAreInUseWhoeverComesWaitsForNothing() throws Exception {
    try (HeldTable held = HeldTable.by(postgres, this::visitor)) {
      assertThat(visitor("late").get("/stalls/1").statusCode()).isEqualTo(500);
      held.letGo();
    }
  }
}
