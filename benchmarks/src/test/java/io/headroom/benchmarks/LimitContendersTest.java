package io.headroom.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.benchmarks.limits.Rate;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.LimitMemory;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All contenders admit and refuse what they should while they are measured. */
class LimitContendersTest {
  private static final int CALLS = 10_000;

  @ParameterizedTest
  @ValueSource(strings = {Rate.ADMITTED, Rate.REFUSED})
  void doesTheSameWithOneLimit(String outcome) {
    for (SingleLimit limit : List.of(new LimitLocal(), new LimitShared())) {
      limit.outcome = outcome;
      limit.prepare();
      assertThat(limit.contenders().values())
          .allSatisfy(contender -> assertAlways(outcome.equals(Rate.ADMITTED), contender));
      limit.check();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {Rate.ADMITTED, Rate.REFUSED})
  void doesTheSameByKey(String outcome) {
    KeyedLimit.Callers callers = new KeyedLimit.Callers();
    callers.outcome = outcome;
    callers.keyCount = 1_000;
    callers.draw();
    KeyedLimit.Headroom headroom = new KeyedLimit.Headroom();
    headroom.fill(callers);
    KeyedLimit.Bucket4j bucket4j = new KeyedLimit.Bucket4j();
    bucket4j.fill(callers);
    KeyedLimit.Resilience4j resilience4j = new KeyedLimit.Resilience4j();
    resilience4j.fill(callers);
    KeyedLimit.Turn turn = new KeyedLimit.Turn();
    for (KeyedLimit limit : List.of(new LimitKeyed(), new LimitKeyedShared())) {
      List<BooleanSupplier> contenders =
          List.of(
              () -> limit.headroom(callers, turn, headroom),
              () -> limit.bucket4j(callers, turn, bucket4j),
              () -> limit.resilience4j(turn, resilience4j));
      assertThat(contenders)
          .allSatisfy(contender -> assertAlways(outcome.equals(Rate.ADMITTED), contender));
    }
  }

  private static void assertAlways(boolean admitted, BooleanSupplier contender) {
    for (int i = 0; i < CALLS; i++) {
      assertThat(contender.getAsBoolean()).isEqualTo(admitted);
    }
  }

  @Test
  void noticesWhoDoesNotDoAsItShould() {
    SingleLimit limit = new LimitLocal();
    limit.outcome = Rate.REFUSED;
    limit.prepare();
    limit.outcome = Rate.ADMITTED;
    assertThatThrownBy(limit::check).hasMessageEndingWith("does not do as admitted");
  }

  @ParameterizedTest
  @ValueSource(strings = {LimitMemory.HEADROOM, LimitMemory.BUCKET4J})
  void weighsEachOfThem(String which) throws Exception {
    double bytes =
        ChildJvm.run(
                LimitMemory.class,
                System.getProperty("java.class.path"),
                List.of("-Xmx1g", "-XX:+UseSerialGC"),
                List.of(which))
            .get(which);
    assertThat(bytes).as("of a million keys").isBetween(24e6, 1e9);
  }
}
