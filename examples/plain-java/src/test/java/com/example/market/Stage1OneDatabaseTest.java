package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class Stage1OneDatabaseTest extends StageContract {

  @Override
  Market open() {
    return new Stage1OneDatabase(Stalls.urls(postgres, 0).get(0));
  }

  /** What the next stage is for. */
  @Test
  void whileAllConnectionsAreInUseWhoeverComesWaitsForNothing() throws Exception {
    try (HeldTable held = HeldTable.by(postgres, this::visitor)) {
      assertThat(visitor("late").get("/stalls/1").statusCode()).isEqualTo(500);
      held.letGo();
    }
  }
}
