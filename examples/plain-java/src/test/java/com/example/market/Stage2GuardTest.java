package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class Stage2GuardTest extends StageContract {

  @Override
  Market open() {
    return new Stage2Guard(Stalls.urls(postgres, 0).get(0));
  }

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
