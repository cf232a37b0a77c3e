package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The laws of keyed buckets and of several policies. */
class RateLimiterProperties extends AgainstAModel {

  @Provide
  Arbitrary<List<Step>> forward() {
    return Steps.forward().list().ofMaxSize(60);
  }

  private <R> RateLimiter<R> limiter(Limit limit) {
    return RateLimiter.<R>builder("law").limit(limit).time(clock).build();
  }

  /** Buckets that go when they are full, and come anew, are like one that stays. */
  @Property
  void aKeysBucketIsLikeATokenBucket(
      @ForAll("limits") Limit limit, @ForAll("forward") List<Step> steps) {
    RateLimiter<Integer> keyed = limiter(limit);
    Map<Integer, TokenBucket> alone = new HashMap<>();
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, limit));
      int key = (int) (step.much() % 3);
      TokenBucket bucket = alone.computeIfAbsent(key, any -> TokenBucket.of("law", limit, clock));
      long permits = step.permits(limit);

      Decision decision = keyed.tryAcquire(key, permits);

      assertThat(decision).hasToString(bucket.tryAcquire(permits).toString());
    }
  }

  /** Whatever the clock does, swept or not, in a bucket of its own or in the shared one. */
  @Property
  void noKeyIsAdmittedMoreThanTheCapacityAndWhatFlowsIn(
      @ForAll("limits") Limit limit,
      @ForAll("steps") List<Step> steps,
      @ForAll @IntRange(min = 1, max = 3) int maximumKeys) {
    RateLimiter<Integer> keyed =
        RateLimiter.<Integer>builder("law")
            .limit(limit)
            .maximumKeys(maximumKeys)
            .time(clock)
            .build();
    Map<Integer, TokenBucketProperties.Windows> windows = new HashMap<>();
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, limit));
      int key = (int) (step.much() % 3);
      long permits = step.permits(limit);
      if (keyed.tryAcquire(key, permits).allowed()) {
        windows
            .computeIfAbsent(key, any -> new TokenBucketProperties.Windows(limit))
            .admitted(now, permits);
      }
    }
    windows.values().forEach(TokenBucketProperties.Windows::check);
  }

  /** Three policies in one are three buckets that are only debited where all have enough. */
  @Property
  void aRefusedCompositeDebitsNothing(
      @ForAll @Size(3) List<@From("limits") Limit> limits, @ForAll("forward") List<Step> steps) {
    RateLimiter<Integer> composite =
        RateLimiter.<Integer>builder("law")
            .policy("key", limits.get(0), key -> key)
            .policy("parity", limits.get(1), key -> key % 2 == 0 ? null : "odd")
            .policy("all", limits.get(2))
            .time(clock)
            .build();
    Map<Object, ExactBucket> models = new HashMap<>();
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, limits.get((int) (step.much() % 3))));
      int key = (int) (step.much() % 2);
      long permits = step.permits(limits.get((int) (step.much() / 3 % 3)));
      List<ExactBucket> mine = new ArrayList<>();
      mine.add(models.computeIfAbsent(key, any -> new ExactBucket(limits.get(0), ORIGIN)));
      if (key % 2 != 0) {
        mine.add(models.computeIfAbsent("odd", any -> new ExactBucket(limits.get(1), ORIGIN)));
      }
      mine.add(models.computeIfAbsent("all", any -> new ExactBucket(limits.get(2), ORIGIN)));
      long wait =
          mine.stream().mapToLong(each -> each.retryAfterNanos(now, permits)).max().orElseThrow();

      Decision decision = composite.tryAcquire(key, permits);

      assertThat(decision.allowed()).isEqualTo(wait == 0);
      assertThat(decision.retryAfterNanos()).isEqualTo(wait);
      if (wait == 0) {
        mine.forEach(each -> assertThat(each.acquire(now, permits)).isTrue());
      }
      assertThat(decision.remaining())
          .isEqualTo(mine.stream().mapToLong(each -> each.remaining(now)).min().orElseThrow());
    }
  }

  /** No permit that was used is forgotten, and no more are given than the new bucket holds. */
  @Property
  void aLiveChangeCarriesTheDebtOver(
      @ForAll("limits") Limit before,
      @ForAll("limits") Limit after,
      @ForAll("forward") List<Step> steps) {
    RateLimiter<String> keyed = limiter(before);
    Decision last = keyed.tryAcquire("key");
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, before));
      last = keyed.tryAcquire("key", step.permits(before));
    }
    long used = before.capacity() - last.remaining();

    keyed.changeLimit("law", after);

    long left = keyed.tryAcquire("key", after.capacity() + 1).remaining();
    assertThat(left).isBetween(Math.max(0, after.capacity() - used), after.capacity());
    assertThat(left - Math.max(0, after.capacity() - used)).isBetween(0L, 1L);
  }
}
