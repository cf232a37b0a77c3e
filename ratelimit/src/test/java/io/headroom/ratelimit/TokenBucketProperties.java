package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** The laws of one bucket, against a model in numbers without end. */
class TokenBucketProperties extends AgainstAModel {

  @Property
  void eachDecisionIsTheModels(@ForAll("limits") Limit limit, @ForAll("steps") List<Step> steps) {
    TokenBucket bucket = TokenBucket.of("law", limit, clock);
    ExactBucket model = new ExactBucket(limit, now);
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, limit));
      long permits = step.permits(limit);
      long retryAfter = model.retryAfterNanos(now, permits);

      Decision decision = bucket.tryAcquire(permits);

      assertThat(decision.allowed()).isEqualTo(model.acquire(now, permits));
      assertThat(decision.remaining()).isEqualTo(model.remaining(now));
      assertThat(decision.retryAfterNanos()).isEqualTo(retryAfter);
      assertThat(decision.resetAfter().toNanos()).isEqualTo(model.resetAfterNanos(now));
      assertThat(decision.isNeverPossible()).isEqualTo(permits > limit.capacity());
    }
  }

  /** In whatever order the readings come. */
  @Property
  void noWindowAdmitsMoreThanTheCapacityAndWhatFlowsIn(
      @ForAll("limits") Limit limit, @ForAll("steps") List<Step> steps) {
    TokenBucket bucket = TokenBucket.of("law", limit, clock);
    Windows windows = new Windows(limit);
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, limit));
      long permits = step.permits(limit);
      if (bucket.tryAcquire(permits).allowed()) {
        windows.admitted(now, permits);
      }
    }
    windows.check();
  }

  @Property
  void comingBackWhenToldIsAdmittedAndATickSoonerIsNot(
      @ForAll("limits") Limit limit, @ForAll("steps") List<Step> steps) {
    TokenBucket bucket = TokenBucket.of("law", limit, clock);
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, limit));
      Decision decision = bucket.tryAcquire(step.permits(limit));
      long wait = decision.retryAfterNanos();
      if (!decision.allowed() && wait < Long.MAX_VALUE) {
        go(BigInteger.valueOf(wait - 1));
        assertThat(bucket.tryAcquire(decision.permits()).allowed()).isFalse();
        go(BigInteger.ONE);
        assertThat(bucket.tryAcquire(decision.permits()).allowed()).isTrue();
      } else {
        assertThat(wait).isEqualTo(decision.allowed() ? 0 : Long.MAX_VALUE);
      }
    }
  }

  /** Asking often, in vain, neither gains nor loses anything. */
  @Property
  void refillingOftenIsRefillingOnce(
      @ForAll("limits") Limit limit, @ForAll("steps") List<Step> steps) {
    TokenBucket once = TokenBucket.of("law", limit, clock);
    TokenBucket often = TokenBucket.of("law", limit, clock);
    once.tryAcquire(limit.capacity());
    often.tryAcquire(limit.capacity());
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, limit));
      often.tryAcquire(limit.capacity() + 1);
    }
    assertThat(often.tryAcquire()).hasToString(once.tryAcquire().toString());
  }

  /** Taking permits one by one is taking them together. */
  @Property
  void weightsAddUp(@ForAll("limits") Limit limit, @ForAll("steps") List<Step> steps) {
    TokenBucket together = TokenBucket.of("law", limit, clock);
    TokenBucket singly = TokenBucket.of("law", limit, clock);
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, limit));
      long permits = Math.min(20, step.permits(limit));
      if (together.tryAcquire(permits).allowed()) {
        Decision last = null;
        for (long i = 0; i < permits; i++) {
          last = singly.tryAcquire();
          assertThat(last.allowed()).isTrue();
        }
      }
      assertThat(singly.tryAcquire(limit.capacity() + 1))
          .hasToString(together.tryAcquire(limit.capacity() + 1).toString());
    }
  }

  /** What was admitted, and at which readings. */
  static final class Windows {

    private final Limit limit;
    private final List<BigInteger> readings = new ArrayList<>();
    private final List<Long> permits = new ArrayList<>();

    Windows(Limit limit) {
      this.limit = limit;
    }

    void admitted(BigInteger reading, long count) {
      int at = readings.size();
      while (at > 0 && readings.get(at - 1).compareTo(reading) > 0) {
        at--;
      }
      readings.add(at, reading);
      permits.add(at, count);
    }

    void check() {
      ExactBucket model = new ExactBucket(limit, BigInteger.ZERO);
      for (int from = 0; from < readings.size(); from++) {
        BigInteger sum = BigInteger.ZERO;
        for (int to = from; to < readings.size(); to++) {
          sum = sum.add(BigInteger.valueOf(permits.get(to)));
          BigInteger window = readings.get(to).subtract(readings.get(from));
          assertThat(sum).isLessThanOrEqualTo(BigInteger.valueOf(model.most(window)));
        }
      }
    }
  }
}
