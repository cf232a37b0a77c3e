package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import java.net.http.HttpResponse;
import java.sql.SQLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class Stage2GuardTest extends StageContract {

  @RegisterExtension static final PostgresExtension postgres = Stalls.servers();

  @BeforeAll
  static void tables() throws SQLException {
    Stalls.make(postgres.dataSource(0), stall -> true);
  }

  @Override
  Market open() {
    return new Stage2Guard(Stalls.urls(postgres, 0).get(0));
  }

  @Override
  void heal() {}

  @Test
  void whileAllConnectionsAreInUseWhoeverComesIsToldWhenToComeBack() throws Exception {
    try (HeldTable held = HeldTable.by(postgres, this::visitor)) {
      HttpResponse<String> refused = visitor("late").get("/stalls/1");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow()).isPositive();
      held.letGo();
    }
    Awaitility.await().until(() -> visitor("late").get("/stalls/1").statusCode() == 200);
  }
}
