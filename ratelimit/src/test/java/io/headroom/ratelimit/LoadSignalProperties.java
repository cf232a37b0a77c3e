package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** The laws of prices under load. */
class LoadSignalProperties extends AgainstAModel {

  private final HandLoad load = new HandLoad();

  /** A step, and by whom and under which load. */
  record Call(Step step, Criticality criticality, LoadLevel level) {

    long factor() {
      boolean pays = criticality == Criticality.SHEDDABLE && level.atLeast(LoadLevel.HIGH);
      return pays ? factorAt(level) : 1;
    }
  }

  @Provide
  Arbitrary<List<Call>> calls() {
    return calls(Arbitraries.of(Criticality.values()));
  }

  @Provide
  Arbitrary<List<Call>> callsThatMatter() {
    return calls(Arbitraries.of(Criticality.CRITICAL, Criticality.STANDARD));
  }

  private static Arbitrary<List<Call>> calls(Arbitrary<Criticality> by) {
    return Combinators.combine(Steps.forward(), by, Arbitraries.of(LoadLevel.values()))
        .as(Call::new)
        .list()
        .ofMaxSize(60);
  }

  @Provide
  Arbitrary<LoadLevel> overload() {
    return Arbitraries.of(LoadLevel.HIGH, LoadLevel.CRITICAL);
  }

  private static long factorAt(LoadLevel level) {
    return level == LoadLevel.HIGH ? 2 : 4;
  }

  private RateLimiter<String> limiter(Limit limit) {
    return RateLimiter.<String>builder("law")
        .limit(limit)
        .loadSignal(load, "orders")
        .time(clock)
        .build();
  }

  private Decision ask(RateLimiter<String> limiter, Call call, long permits) {
    load.set(call.level());
    return HandLoad.as(call.criticality(), () -> limiter.tryAcquire("key", permits));
  }

  private static long price(long permits, long factor, long capacity) {
    return permits > capacity
        ? permits
        : BigInteger.valueOf(permits)
            .multiply(BigInteger.valueOf(factor))
            .min(BigInteger.valueOf(capacity))
            .longValueExact();
  }

  /** Whatever the clock does; of those whose price a bucket can hold. */
  @Property
  void noWindowAdmitsMoreThanItsHalfOrQuarter(
      @ForAll("limits") Limit limit,
      @ForAll("steps") List<Step> steps,
      @ForAll("overload") LoadLevel level) {
    Limit its = limit.capacity() < 4 ? limit.burst(4) : limit;
    RateLimiter<String> limiter = limiter(its);
    long factor = factorAt(level);
    load.set(level);
    TokenBucketProperties.Windows paid = new TokenBucketProperties.Windows(its);
    for (Step step : steps) {
      go(step.moveFrom(ORIGIN, now, its));
      long permits = Math.min(step.permits(its), its.capacity() / factor);
      if (HandLoad.shed(() -> limiter.tryAcquire("key", permits)).allowed()) {
        paid.admitted(now, permits * factor);
      }
    }
    paid.check();
  }

  /** One key, whoever asks, under a load that comes and goes: to the unit and the nanosecond. */
  @Property
  void eachDecisionIsTheModelsThatIsAskedForThePrice(
      @ForAll("limits") Limit limit, @ForAll("calls") List<Call> calls) {
    RateLimiter<String> limiter = limiter(limit);
    ExactBucket model = new ExactBucket(limit, now);
    for (Call call : calls) {
      go(call.step().moveFrom(ORIGIN, now, limit));
      long permits = call.step().permits(limit);
      long price = price(permits, call.factor(), limit.capacity());
      long retryAfter = model.retryAfterNanos(now, price);

      Decision decision = ask(limiter, call, permits);

      assertThat(decision.permits()).isEqualTo(permits);
      assertThat(decision.price()).isEqualTo(price);
      assertThat(decision.allowed()).isEqualTo(model.acquire(now, price));
      assertThat(decision.remaining()).isEqualTo(model.remaining(now));
      assertThat(decision.retryAfterNanos()).isEqualTo(retryAfter);
      assertThat(decision.isNeverPossible()).isEqualTo(permits > limit.capacity());
    }
  }

  @Property
  void comingBackWhenToldIsAdmittedAndANanosecondSoonerIsNot(
      @ForAll("limits") Limit limit, @ForAll("calls") List<Call> calls) {
    RateLimiter<String> limiter = limiter(limit);
    for (Call call : calls) {
      if (!Step.isWithinReach(ORIGIN, now)) {
        return; // else the next step would be one back
      }
      go(call.step().moveFrom(ORIGIN, now, limit));
      long permits = call.step().permits(limit);
      Decision decision = ask(limiter, call, permits);
      long wait = decision.retryAfterNanos();
      if (!decision.allowed() && wait < Long.MAX_VALUE) {
        go(BigInteger.valueOf(wait - 1));
        assertThat(ask(limiter, call, permits).allowed()).isFalse();
        go(BigInteger.ONE);
        assertThat(ask(limiter, call, permits).allowed()).isTrue();
      } else {
        assertThat(wait).isEqualTo(permits > limit.capacity() ? Long.MAX_VALUE : 0);
      }
    }
  }

  @Property
  void whoMattersSeesWhatHeWouldWithoutASignal(
      @ForAll("limits") Limit limit, @ForAll("callsThatMatter") List<Call> calls) {
    RateLimiter<String> limiter = limiter(limit);
    RateLimiter<String> without =
        RateLimiter.<String>builder("law").limit(limit).time(clock).build();
    for (Call call : calls) {
      go(call.step().moveFrom(ORIGIN, now, limit));
      long permits = call.step().permits(limit);

      Decision decision = ask(limiter, call, permits);

      assertThat(decision).hasToString(without.tryAcquire("key", permits).toString());
    }
  }

  /** All buckets that apply pay the same: no more than the least of them holds. */
  @Property
  void ofSeveralPoliciesAllPayThePriceOrNone(
      @ForAll @Size(3) List<@From("limits") Limit> limits, @ForAll("calls") List<Call> calls) {
    RateLimiter<String> composite =
        RateLimiter.<String>builder("law")
            .policy("key", limits.get(0), key -> key)
            .policy("sometimes", limits.get(1), key -> clock.nanoTime() % 2 == 0 ? null : key)
            .policy("all", limits.get(2))
            .loadSignal(load, "orders")
            .time(clock)
            .build();
    List<ExactBucket> models =
        limits.stream().map(limit -> new ExactBucket(limit, ORIGIN)).toList();
    for (Call call : calls) {
      go(call.step().moveFrom(ORIGIN, now, limits.get((int) (call.step().much() % 3))));
      long permits = call.step().permits(limits.get((int) (call.step().much() / 3 % 3)));
      List<Integer> apply = new ArrayList<>(List.of(0, 2));
      if (now.longValue() % 2 != 0) {
        apply.add(1);
      }
      long least = apply.stream().mapToLong(i -> limits.get(i).capacity()).min().orElseThrow();
      long price = price(permits, call.factor(), least);
      long wait =
          apply.stream()
              .mapToLong(i -> models.get(i).retryAfterNanos(now, price))
              .max()
              .orElseThrow();

      Decision decision = ask(composite, call, permits);

      assertThat(decision.price()).isEqualTo(price);
      assertThat(decision.allowed()).isEqualTo(wait == 0);
      assertThat(decision.retryAfterNanos()).isEqualTo(wait);
      if (wait == 0) {
        apply.forEach(i -> assertThat(models.get(i).acquire(now, price)).isTrue());
      }
      assertThat(decision.remaining())
          .isEqualTo(
              apply.stream().mapToLong(i -> models.get(i).remaining(now)).min().orElseThrow());
    }
  }
}
