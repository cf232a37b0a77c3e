package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimeSourceTest {

  @Test
  void theSystemsClocksAreTheMachines() {
    TimeSource time = TimeSource.system();
    long before = System.nanoTime();
    long read = time.nanoTime();
    Instant wallBefore = Instant.now();

    assertThat(time).isSameAs(TimeSource.system());
    assertThat(read - before).isNotNegative();
    assertThat(time.nanoTime() - read).isNotNegative();
    assertThat(time.wallTime()).isAfterOrEqualTo(wallBefore.minusSeconds(60));
  }
}
