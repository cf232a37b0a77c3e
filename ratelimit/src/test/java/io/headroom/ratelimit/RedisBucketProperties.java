package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.ratelimit.RedisBuckets.Found;
import io.headroom.testkit.servers.RedisServer;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.lifecycle.BeforeTry;
import org.jspecify.annotations.Nullable;

/**
 * The laws of one bucket in Redis, against the model in numbers without end and against the bucket
 * in memory, at the times that the script has used.
 */
class RedisBucketProperties {

  private static final int TRIES = 150;

  /** A second, and what a server that gets no processor takes between two lines of a script. */
  private static final long SLACK_MICROS = 30_000_000;

  private static RedisServer server;
  private static RedisLimits redis;

  private final HandTime clock = new HandTime();
  private String bucket = "";

  /** By how much the bucket's time is ahead of the server's. */
  private long offset;

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
    offset = 0;
  }

  @Provide
  Arbitrary<Limit> limits() {
    return Limits.any();
  }

  /** What goes together in one round trip; the first one moves the clock. */
  @Provide
  Arbitrary<List<List<Step>>> trips() {
    return Steps.any().list().ofMinSize(1).ofMaxSize(5).list().ofMaxSize(12);
  }

  private static @Nullable MicroLimit micro(Limit limit) {
    try {
      return new MicroLimit(new Policy("law", limit));
    } catch (IllegalArgumentException inexact) {
      return null;
    }
  }

  private static List<Found> acquire(String bucket, MicroLimit limit, long... permits) {
    return redis.buckets().acquire(List.of(bucket), List.of(limit), permits).join();
  }

  /** Moves time, if there is a bucket to be moved. */
  private void go(Step step, MicroLimit limit, @Nullable String before) {
    if (before == null) {
      return;
    }
    Written was = Written.parse(before);
    BigInteger now = BigInteger.valueOf(was.at() + offset).multiply(BigInteger.valueOf(1000));
    BigInteger move =
        step.moveFrom(BigInteger.ZERO, now, limit.policy.limit()).divide(BigInteger.valueOf(1000));
    long at =
        BigInteger.valueOf(was.at())
            .subtract(move)
            .max(BigInteger.ZERO)
            .min(BigInteger.valueOf(Written.LATEST))
            .longValueExact();
    offset += was.at() - at;
    was.movedTo(at).write(server, bucket);
  }

  @Property(tries = TRIES)
  void eachDecisionIsTheModelsAndTheLocalBuckets(
      @ForAll("limits") Limit limit, @ForAll("trips") List<List<Step>> trips) {
    MicroLimit micro = micro(limit);
    Assume.that(micro != null);
    ExactBucket model = null;
    TokenBucket local = null;
    for (List<Step> trip : trips) {
      go(trip.get(0), micro, Written.text(server, bucket));
      String before = Written.text(server, bucket);
      long[] permits = trip.stream().mapToLong(step -> step.permits(limit)).toArray();

      List<Found> found = acquire(bucket, micro, permits);

      assertThat(found.get(0).other()).isEmpty();
      long behind = found.get(0).behindMicros();
      BigInteger now =
          BigInteger.valueOf(found.get(0).atMicros() + offset).multiply(BigInteger.valueOf(1000));
      clock.set(now.longValueExact());
      if (before == null) {
        model = new ExactBucket(limit, now);
        local = TokenBucket.of("law", limit, clock);
      }
      Replay replay = new Replay(List.of(micro), found);
      boolean admitted = false;
      for (long each : permits) {
        long retryAfter = model.retryAfterNanos(now, each);

        Decision decision = replay.decide(each);
        Decision here = local.tryAcquire(each);

        assertThat(decision.allowed()).isEqualTo(model.acquire(now, each));
        assertThat(decision.remaining()).isEqualTo(model.remaining(now));
        assertThat(decision.retryAfterNanos()).isEqualTo(later(retryAfter, behind));
        assertThat(decision.resetAfter().toNanos())
            .isEqualTo(later(model.resetAfterNanos(now), behind));
        assertThat(decision.isNeverPossible()).isEqualTo(each > limit.capacity());
        assertThat(here.allowed()).isEqualTo(decision.allowed());
        assertThat(here.remaining()).isEqualTo(decision.remaining());
        assertThat(later(here.retryAfterNanos(), behind)).isEqualTo(decision.retryAfterNanos());
        assertThat(later(here.resetAfter().toNanos(), behind))
            .isEqualTo(decision.resetAfter().toNanos());
        admitted |= decision.allowed();
      }
      if (admitted) {
        isKeptUntilItIsFull();
      } else {
        assertThat(Written.text(server, bucket)).as("a refusal writes nothing").isEqualTo(before);
      }
    }
  }

  /** In whole microseconds, rounded up, after the clock is where it was. */
  private static long later(long nanos, long behindMicros) {
    if (nanos == 0 || nanos == Long.MAX_VALUE) {
      return nanos;
    }
    BigInteger thousand = BigInteger.valueOf(1000);
    return BigInteger.valueOf(nanos)
        .add(BigInteger.valueOf(999))
        .divide(thousand)
        .add(BigInteger.valueOf(behindMicros))
        .multiply(thousand)
        .longValueExact();
  }

  private void isKeptUntilItIsFull() {
    Written now = Written.read(server, bucket);
    long expires = server.command("PEXPIRETIME", bucket).integer() * 1000;
    assertThat(expires - now.at() - now.toFull()).isBetween(0L, SLACK_MICROS);
  }

  /** At the moment that it says, and not a microsecond sooner. */
  @Property(tries = TRIES)
  void comingBackWhenToldIsAdmittedAndAMicrosecondSoonerIsNot(
      @ForAll("limits") Limit limit, @ForAll("trips") List<List<Step>> trips) {
    MicroLimit micro = micro(limit);
    Assume.that(micro != null);
    for (List<Step> trip : trips) {
      go(trip.get(0), micro, Written.text(server, bucket));
      long permits = trip.get(0).permits(limit);
      List<Found> found = acquire(bucket, micro, permits);
      Decision decision = new Replay(List.of(micro), found).decide(permits);
      if (!decision.allowed() && !decision.isNeverPossible()) {
        long wait =
            decision.retryAfterNanos() / MicroLimit.NANOS_PER_MICRO - found.get(0).behindMicros();
        Written refused = Written.read(server, bucket);
        assertThat(isAdmittedAfter(refused, wait - 1, micro, found.get(0), permits)).isFalse();
        assertThat(isAdmittedAfter(refused, wait, micro, found.get(0), permits)).isTrue();
      }
    }
  }

  /** The same bucket as it would be then; it lies ahead of the clock, so that it stays so. */
  private boolean isAdmittedAfter(
      Written was, long micros, MicroLimit micro, Found found, long permits) {
    String later = bucket + "-later";
    long debt =
        BigInteger.valueOf(found.debt())
            .subtract(BigInteger.valueOf(micros).multiply(BigInteger.valueOf(was.inflow())))
            .max(BigInteger.ZERO)
            .longValueExact();
    Written.of(micro, debt, Written.LATEST).write(server, later);
    return new Replay(List.of(micro), acquire(later, micro, permits)).decide(permits).allowed();
  }

  /** What is taken ahead is what is there, and never more than is wanted. */
  @Property(tries = TRIES)
  void aLeaseTakesItsPartOfWhatIsThere(
      @ForAll("limits") Limit limit, @ForAll("trips") List<List<Step>> trips) {
    MicroLimit micro = micro(limit);
    Assume.that(micro != null);
    ExactBucket model = null;
    for (List<Step> trip : trips) {
      go(trip.get(0), micro, Written.text(server, bucket));
      String before = Written.text(server, bucket);
      long least = trip.get(0).permits(limit);
      long most = Math.max(least, trip.get(trip.size() - 1).permits(limit));
      int sharers = trip.size();

      RedisBuckets.Granted granted =
          redis.buckets().lease(bucket, micro, least, most, sharers).join();

      BigInteger now =
          BigInteger.valueOf(granted.then().atMicros() + offset).multiply(BigInteger.valueOf(1000));
      model = before == null ? new ExactBucket(limit, now) : model;
      long left = model.remaining(now);
      long expected = left < least ? 0 : Math.min(most, Math.max(least, left / sharers));
      assertThat(granted.permits()).isEqualTo(expected);
      if (expected > 0) {
        assertThat(model.acquire(now, expected)).isTrue();
        isKeptUntilItIsFull();
      } else {
        assertThat(Written.text(server, bucket)).isEqualTo(before);
      }
      assertThat((micro.full - granted.then().debt()) / micro.cost).isEqualTo(model.remaining(now));
    }
  }

  /** What is used of other settings is used of these: as many permits, rounded up by two units. */
  @Property(tries = 400)
  void noDebtIsLostOnOtherSettings(
      @ForAll("limits") Limit before, @ForAll("limits") Limit after, @ForAll long some) {
    MicroLimit was = micro(before);
    MicroLimit now = micro(after);
    Assume.that(was != null && now != null);
    long debt = Math.floorMod(some, was.full + 1);
    Written.of(was, debt, Written.LATEST).write(server, bucket);

    Found found = acquire(bucket, now, 1).get(0);

    BigInteger[] asMany =
        BigInteger.valueOf(debt)
            .multiply(BigInteger.valueOf(now.cost))
            .divideAndRemainder(BigInteger.valueOf(was.cost));
    BigInteger full = BigInteger.valueOf(now.full);
    BigInteger least = asMany[0].add(BigInteger.valueOf(asMany[1].signum())).min(full);
    assertThat(BigInteger.valueOf(found.debt()))
        .isBetween(least, least.add(BigInteger.TWO).min(full));
    assertThat(found.other().isEmpty())
        .isEqualTo(was.cost == now.cost && was.inflow == now.inflow && was.full == now.full);
  }

  /** What scripts could not reckon exactly is refused, and all else is not. */
  @Property
  void whatDoesNotFitIsRefusedWhenItIsBuilt(@ForAll("limits") Limit limit) {
    BigInteger perMicro = BigInteger.valueOf(limit.permits()).multiply(BigInteger.valueOf(1000));
    BigInteger period = BigInteger.valueOf(limit.period().toNanos());
    BigInteger cost = period.divide(period.gcd(perMicro));
    BigInteger most = BigInteger.ONE.shiftLeft(52).divide(cost);
    RateLimiterBuilder<String> builder =
        RateLimiter.<String>builder("law").limit(limit).shared(redis);
    if (BigInteger.valueOf(limit.capacity()).compareTo(most) <= 0) {
      List<Policy> policies = new ArrayList<>(builder.build().policies());
      assertThat(policies).extracting(Policy::limit).containsExactly(limit);
    } else {
      assertThatThrownBy(builder::build)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("policy 'law' (" + limit + ")")
          .hasMessageContaining(
              most.signum() > 0
                  ? ": the burst must be at most " + most + " in"
                  : " must be rounder")
          .hasMessageContaining("in Redis, where it could not be reckoned exactly. Give a");
    }
  }
}
