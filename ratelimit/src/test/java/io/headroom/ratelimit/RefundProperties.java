package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ratelimit.RedisBuckets.Found;
import io.headroom.testkit.servers.RedisServer;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * What is given back when a later bucket has refused: the bucket lacks at least what it would lack
 * had the call never been, and at most what it lacks with it.
 */
class RefundProperties {

  private static final Limit LIMIT = Limit.perSecond(1_000).burst(100);
  private static final MicroLimit MICRO = new MicroLimit(new Policy("law", LIMIT));

  private static RedisServer server;
  private static RedisLimits redis;

  private String bucket = "";

  @BeforeContainer
  static void start() {
    server = RedisServer.start();
    redis =
        Ask.connected(RedisLimits.builder(server.uri()).timeout(Duration.ofSeconds(30)).build());
  }

  @AfterContainer
  static void end() {
    redis.close();
    server.close();
  }

  @BeforeTry
  void begin() {
    bucket = "bucket-" + UUID.randomUUID();
  }

  /** Somebody else takes some, after some microseconds. */
  record Other(long afterMicros, long permits) {}

  @Provide
  Arbitrary<List<Other>> others() {
    Arbitrary<Long> times =
        Arbitraries.oneOf(
            Arbitraries.longs().between(0, 5_000), Arbitraries.longs().between(0, 120_000));
    return times
        .flatMap(after -> Arbitraries.longs().between(1, 60).map(some -> new Other(after, some)))
        .list()
        .ofMaxSize(5);
  }

  private Found acquire(MicroLimit limit, long permits) {
    return redis
        .buckets()
        .acquire(List.of(bucket), List.of(limit), new long[] {permits})
        .join()
        .get(0);
  }

  private void refund(MicroLimit limit, long permits, long taken) {
    redis.buckets().refund(bucket, limit, permits, taken).join();
  }

  /** What a bucket lacks after that time, of what it lacked. */
  private static long after(long debt, long micros) {
    return BigInteger.valueOf(debt)
        .subtract(BigInteger.valueOf(micros).multiply(BigInteger.valueOf(MICRO.inflow)))
        .max(BigInteger.ZERO)
        .longValueExact();
  }

  /**
   * With the call, and as it would be without it; both buckets lie ahead of the clock, so that they
   * move only as the test moves them.
   */
  @Property(tries = 300)
  void noMoreIsGivenBackThanIsRight(
      @ForAll @LongRange(min = 0, max = 99) long before,
      @ForAll @LongRange(min = 1, max = 100) long permits,
      @ForAll("others") @Size(max = 5) List<Other> others,
      @ForAll @LongRange(min = 0, max = 120_000) long last) {
    long at = Written.LATEST - 10_000_000;
    Written.of(MICRO, before * MICRO.cost, at).write(server, bucket);
    Found found = acquire(MICRO, permits);
    if (!MICRO.fits(found.debt(), permits)) {
      return;
    }
    long taken = found.atMicros();
    long without = found.debt();
    for (Other other : others) {
      without = after(without, other.afterMicros());
      at = go(at, other.afterMicros());
      Found seen = acquire(MICRO, other.permits());
      without += MICRO.fits(seen.debt(), other.permits()) ? other.permits() * MICRO.cost : 0;
    }
    without = after(without, last);
    at = go(at, last);
    long with = Written.read(server, bucket).debt();

    refund(MICRO, permits, taken);

    assertThat(Written.read(server, bucket).debt()).isBetween(without, with);
    if (at == taken) {
      assertThat(Written.read(server, bucket).debt()).isEqualTo(without);
    }
  }

  /** The test is the clock. */
  private long go(long at, long micros) {
    Written was = Written.read(server, bucket);
    long later = at + micros;
    Written.of(MICRO, after(was.debt(), micros), later).write(server, bucket);
    return later;
  }

  /** Others have changed the limit meanwhile; what they have used is theirs. */
  @Property(tries = 100)
  void underOtherSettingsNobodyLosesADebt(
      @ForAll @LongRange(min = 1, max = 100) long permits,
      @ForAll @LongRange(min = 0, max = 1_000) long used) {
    MicroLimit larger = new MicroLimit(new Policy("law", Limit.perSecond(3_000).burst(1_000)));
    Written theirs = Written.of(larger, used * larger.cost, Written.LATEST);
    theirs.write(server, bucket);

    refund(MICRO, permits, Written.LATEST);

    assertThat(Written.text(server, bucket)).isEqualTo(theirs.toString());
  }

  /** A failover may lose the debit, to a server whose clock is behind. */
  @Property(tries = 100)
  void noMoreIsGivenBackThanWasTaken(
      @ForAll @LongRange(min = 1, max = 50) long permits,
      @ForAll @LongRange(min = 1, max = 1_000_000) long behind) {
    long at = Written.LATEST - behind;
    Written.of(MICRO, MICRO.full, at).write(server, bucket);

    refund(MICRO, permits, Written.LATEST);

    assertThat(Written.read(server, bucket).debt())
        .isGreaterThanOrEqualTo(MICRO.full - permits * MICRO.cost);
  }
}
