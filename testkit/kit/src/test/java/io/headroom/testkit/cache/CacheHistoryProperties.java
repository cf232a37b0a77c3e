package io.headroom.testkit.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.cache.CacheModel.Fault;
import io.headroom.testkit.cache.CacheViolation.Promise;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.RandomDistribution;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;

/**
 * Over a model of a cache: all is well where it is sound, and each fault shows where it strikes.
 */
class CacheHistoryProperties {

  private enum Event {
    WRITE,
    REMOVE,
    WRITE_IN_VAIN,
    INVALIDATE,
    READ,
    READ_WITH_TOKEN,
    READ_STALE,
    READ_SLOWLY,
    SLOW_READS_RETURN,
    TIME,
    BUS_DOWN,
    BUS_UP
  }

  private record Step(Event event, int process, int key, int millis) {}

  /** Which promises a fault may break. */
  private static final Map<Fault, Set<Promise>> BREAKS =
      Map.of(
          Fault.NONE, Set.of(),
          Fault.KEEPS_WHAT_IT_INVALIDATES,
              Set.of(Promise.OWN_PROCESS, Promise.PROPAGATION, Promise.MAX_STALENESS),
          Fault.IGNORES_TOKENS, Set.of(Promise.TOKEN),
          Fault.LOSES_MESSAGES, Set.of(Promise.PROPAGATION, Promise.MAX_STALENESS),
          Fault.TRUSTS_A_DEAD_BUS, Set.of(Promise.MAX_STALENESS),
          Fault.INVENTS, Set.of(Promise.values()),
          Fault.SHOWS_WHAT_FAILED, Set.of(Promise.NO_INVENTED_VERSION));

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.of(Event.WRITE, Event.INVALIDATE, Event.READ, Event.TIME)),
                Tuple.of(2, Arbitraries.of(Event.class))),
            Arbitraries.of(0, 0, 0, 1, 1, 1, 2),
            Arbitraries.of(0, 0, 0, 1),
            Arbitraries.of(1, 60, 100, 101, 400, 2000))
        .as(Step::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(150)
        .withSizeDistribution(RandomDistribution.uniform());
  }

  private static CacheModel run(List<Step> steps, Fault fault) {
    CacheModel model = new CacheModel(fault);
    for (Step step : steps) {
      String process = CacheModel.process(step.process());
      String key = CacheModel.key(step.key());
      switch (step.event()) {
        case WRITE -> model.write(key, false, false);
        case REMOVE -> model.write(key, true, false);
        case WRITE_IN_VAIN -> model.write(key, false, true);
        case INVALIDATE -> model.invalidate(process, key);
        case READ -> model.read(process, key, false, false, false);
        case READ_WITH_TOKEN -> model.read(process, key, true, false, false);
        case READ_STALE -> model.read(process, key, false, true, false);
        case READ_SLOWLY -> model.read(process, key, false, false, true);
        case SLOW_READS_RETURN -> model.slowReadsReturn();
        case TIME -> model.pass(Duration.ofMillis(step.millis()));
        case BUS_DOWN -> model.busDown(process);
        case BUS_UP -> model.busUp(process);
      }
    }
    model.slowReadsReturn();
    return model;
  }

  private static CacheHistoryChecker checkerOf(CacheModel model) {
    return CacheHistoryChecker.of(model.history)
        .propagation(CacheModel.PROPAGATION)
        .maximumStaleness(CacheModel.MAX_STALENESS);
  }

  @Property
  void aSoundCacheKeepsEveryPromise(@ForAll("steps") List<Step> steps) {
    checkerOf(run(steps, Fault.NONE)).verify();
  }

  @Property(tries = 3000)
  void justTheReadsThatWentTooFarAreFound(@ForAll("steps") List<Step> steps, @ForAll Fault fault) {
    CacheModel model = run(steps, fault);
    List<CacheViolation> violations = checkerOf(model).violations();
    Statistics.collect(fault, violations.isEmpty());
    Statistics.coverage(
        check -> {
          for (Fault each : Fault.values()) {
            check.check(each, false).count(times -> (times == 0) == (each == Fault.NONE));
          }
        });

    Set<CacheRead> found = new HashSet<>();
    violations.forEach(violation -> found.add(violation.read()));
    assertThat(found).isEqualTo(model.wrong);
    assertThat(violations)
        .extracting(CacheViolation::promise)
        .allMatch(promise -> BREAKS.get(fault).contains(promise));
  }
}
