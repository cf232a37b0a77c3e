package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConsistencyTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  @Test
  void equalByValue() {
    assertThat(Consistency.bounded(SECOND))
        .isEqualTo(Consistency.bounded(SECOND.plus(Duration.ZERO)))
        .hasSameHashCodeAs(Consistency.bounded(SECOND.plus(Duration.ZERO)))
        .isNotEqualTo(Consistency.bounded(SECOND).orStale())
        .isNotEqualTo(Consistency.bounded(Duration.ofSeconds(2)))
        .isNotEqualTo(Consistency.EVENTUAL)
        .isNotEqualTo("BOUNDED(PT1S)");
  }

  @Test
  void saysWhatItIs() {
    assertThat(Consistency.EVENTUAL).hasToString("EVENTUAL");
    assertThat(Consistency.MONOTONIC.orStale()).hasToString("MONOTONIC, or stale");
    assertThat(Consistency.bounded(SECOND).orStale()).hasToString("BOUNDED(PT1S), or stale");
  }

  @Test
  void aBoundIsPositive() {
    assertThatThrownBy(() -> Consistency.bounded(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "maximumLag must be more than zero, was PT0S; use STRONG to read from the primary");
    assertThatThrownBy(() -> Consistency.bounded(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Consistency.bounded(null)).hasMessage("maximumLag must not be null");
  }

  @Test
  void aBoundLongerThanALongOfNanosIsNone() {
    Consistency ages = Consistency.bounded(Duration.ofSeconds(Long.MAX_VALUE));

    assertThat(ages.maximumLagNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(Consistency.EVENTUAL.maximumLagNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(Nanos.of(Duration.ofSeconds(Long.MIN_VALUE))).isEqualTo(Long.MIN_VALUE);
    assertThat(Nanos.sum(Long.MAX_VALUE, 1)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aStrongReadHasNoStaleAnswer() {
    assertThatThrownBy(Consistency.STRONG::orStale)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("use bounded(maximumLag).orStale()");
    assertThat(Consistency.READ_YOUR_WRITES.orStale().allowsStale()).isTrue();
    assertThat(Consistency.READ_YOUR_WRITES.allowsStale()).isFalse();
  }

  @Test
  void aLimitNarrowsAllButThePrimary() {
    Duration limit = Duration.ofSeconds(2);
    Consistency causal = Consistency.MONOTONIC.within(limit);

    assertThat(causal.level()).isEqualTo(Consistency.Level.MONOTONIC);
    assertThat(causal.maximumLagNanos()).isEqualTo(limit.toNanos());
    assertThat(Consistency.EVENTUAL.within(limit))
        .isEqualTo(Consistency.bounded(Duration.ofSeconds(9)).within(limit))
        .hasToString("BOUNDED(PT2S) under a LagLimit")
        .isNotEqualTo(Consistency.bounded(limit));
    assertThat(Consistency.bounded(SECOND).within(limit).maximumLagNanos())
        .isEqualTo(SECOND.toNanos());
    assertThat(causal).hasToString("MONOTONIC and BOUNDED(PT2S) under a LagLimit");
    assertThat(Consistency.STRONG.within(limit)).isSameAs(Consistency.STRONG);
  }

  @Test
  void whatIsLimitedIsNeverStale() {
    assertThat(Consistency.EVENTUAL.orStale().within(SECOND).allowsStale()).isFalse();
    assertThat(Consistency.bounded(SECOND).orStale().within(SECOND).allowsStale()).isFalse();
  }

  @Test
  void aRequestAsksForOneByItsContext() {
    RequestContext strong =
        RequestContext.current().toBuilder().with(Consistency.KEY, Consistency.STRONG).build();

    assertThat(strong.get(Consistency.KEY)).isEqualTo(Consistency.STRONG);
    assertThat(RequestContext.current().get(Consistency.KEY)).isNull();
  }
}
