package io.headroom.ratelimit;

import java.math.BigInteger;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.BeforeTry;

/** What properties have in common that compare decisions with a model in numbers without end. */
abstract class AgainstAModel {

  static final BigInteger ORIGIN = BigInteger.valueOf(HandTime.ORIGIN);

  /** Shows {@link #now}, and wraps. */
  final HandTime clock = new HandTime();

  /** Time without end. */
  BigInteger now = ORIGIN;

  @BeforeTry
  void begin() {
    now = ORIGIN;
    clock.set(HandTime.ORIGIN);
  }

  void go(BigInteger nanos) {
    now = now.add(nanos);
    clock.set(now.longValue());
  }

  @Provide
  Arbitrary<Limit> limits() {
    return Limits.any();
  }

  @Provide
  Arbitrary<List<Step>> steps() {
    return Steps.any().list().ofMaxSize(60);
  }
}
