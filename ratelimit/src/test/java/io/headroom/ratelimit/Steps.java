package io.headroom.ratelimit;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Random steps: most go forward a little, as clocks do, some do not. */
final class Steps {

  private Steps() {}

  static Arbitrary<Step> any() {
    return of(
        Arbitraries.frequency(
            Tuple.of(6, Step.Move.STANDS),
            Tuple.of(4, Step.Move.NANOS),
            Tuple.of(1, Step.Move.NANOS_BACK),
            Tuple.of(12, Step.Move.PERMITS),
            Tuple.of(2, Step.Move.PERMITS_BACK),
            Tuple.of(3, Step.Move.TICKS),
            Tuple.of(1, Step.Move.TICKS_BACK),
            Tuple.of(1, Step.Move.FAR),
            Tuple.of(1, Step.Move.FAR_BACK)));
  }

  static Arbitrary<Step> forward() {
    return of(
        Arbitraries.frequency(
            Tuple.of(6, Step.Move.STANDS),
            Tuple.of(4, Step.Move.NANOS),
            Tuple.of(12, Step.Move.PERMITS),
            Tuple.of(1, Step.Move.TICKS)));
  }

  private static Arbitrary<Step> of(Arbitrary<Step.Move> moves) {
    return Combinators.combine(
            moves, Arbitraries.longs().between(0, 40), Arbitraries.of(Step.Weight.values()))
        .as(Step::new);
  }
}
