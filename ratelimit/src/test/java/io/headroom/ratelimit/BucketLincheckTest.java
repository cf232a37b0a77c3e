package io.headroom.ratelimit;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A bucket is linearizable, also where its callers' readings are ticks apart, so that one writes a
 * new stamp while another still has an old reading.
 */
@Tag("faults")
public class BucketLincheckTest {

  private static final Limit LIMIT = Limit.perSecond(268_435_399).burst(3);

  private final Bucket bucket = new Bucket(LIMIT, 0, 0);

  @Operation
  public long acquire(
      @Param(gen = IntGen.class, conf = "0:3") int reading,
      @Param(gen = IntGen.class, conf = "1:3") int permits) {
    return bucket.acquire(LIMIT, reading, permits);
  }

  /** Each as far from the next as the ring is long, but for a bit. */
  @Operation
  public long acquireAges(@Param(gen = IntGen.class, conf = "0:20") int ticks) {
    return bucket.acquire(LIMIT, (long) ticks << LIMIT.tickShift, 1);
  }

  @Test
  void theBucketIsLinearizable() {
    new StressOptions()
        .iterations(30)
        .invocationsPerIteration(3_000)
        .threads(3)
        .actorsPerThread(3)
        .check(BucketLincheckTest.class);
  }
}
