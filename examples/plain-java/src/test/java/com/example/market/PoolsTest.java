package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PoolsTest {

  private static final Path SOURCES = Path.of("src/main/java/com/example/market");
  private static final String NOWHERE = "jdbc:postgresql://127.0.0.1:1/market?connectTimeout=1";

  @Test
  void oneWaitsForAsLongAsIsSaid() {
    try (HikariDataSource pool = Pools.open("market", NOWHERE);
        HikariDataSource hurried = Pools.open("hurried", NOWHERE, Duration.ofMillis(300))) {
      assertThat(pool.getConnectionTimeout()).isEqualTo(1_000);
      assertThat(hurried.getConnectionTimeout()).isEqualTo(300);
    }
  }

  /** HikariCP takes that up when its housekeeper comes round, which may be half a minute later. */
  @Test
  void noStageSetsItOnAPoolThatRuns() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      List<Path> stages =
          files.filter(file -> file.getFileName().toString().startsWith("Stage")).toList();
      assertThat(stages).hasSize(6);
      for (Path stage : stages) {
        assertThat(stage).content().doesNotContain("etConnectionTimeout(");
      }
    }
  }
}
