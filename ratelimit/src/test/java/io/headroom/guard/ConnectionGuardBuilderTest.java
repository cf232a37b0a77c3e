package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

class ConnectionGuardBuilderTest {

  private final ConnectionGuardBuilder builder = ConnectionGuard.builder();

  @ParameterizedTest
  @CsvSource({"NaN,0.7", "0.85,NaN", "0,0.1", "1.01,0.7", "0.8,0", "0.8,-1", "Infinity,0.7"})
  void sharesAreAboveZeroAndUpToOne(double begins, double ends) {
    assertThatThrownBy(() -> builder.elevated(begins, ends))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("above 0 and up to 1");
  }

  @ParameterizedTest
  @CsvSource({"0.7,0.85", "0.8,0.8"})
  void aLevelEndsBelowWhereItBegins(double begins, double ends) {
    assertThatThrownBy(() -> builder.elevated(begins, ends))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must end below the share at which it begins")
        .hasMessageContaining("begins " + begins);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, 3_600_000_001L})
  void timesArePositiveAndBounded(long micros) {
    Duration wrong = Duration.ofNanos(micros * 1_000);
    for (Runnable set :
        new Runnable[] {
          () -> builder.targetDelay(wrong),
          () -> ConnectionGuard.builder().maximumWait(wrong),
          () -> ConnectionGuard.builder().stuckAfter(wrong)
        }) {
      assertThatThrownBy(set::run)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be more than zero and PT1H at most, was " + wrong);
    }
  }

  @Test
  void numbersAreInTheirRanges() {
    assertThatThrownBy(() -> builder.maximumWaiters(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumWaiters must be 1 to 1000000, was 0");
    assertThatThrownBy(() -> builder.reserveForCritical(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("reserveForCritical must be 0 to 10000, was -1");
    assertThatThrownBy(() -> ManagedPool.ofSize(new PGSimpleDataSource(), 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("size must be at least 1, was 0");
  }

  @Test
  void theTargetIsBelowTheLongestWait() {
    builder.targetDelay(Duration.ofMillis(300));
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("targetDelay (PT0.3S) must not be above maximumWait (PT0.2S)");
  }

  @Test
  void anOptionIsSetOnce() {
    builder.shadow();
    assertThatThrownBy(builder::shadow)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("guard: shadow is set twice: set it once");
  }
}
