package io.headroom.ratelimit;

import io.headroom.TimeSource;
import io.headroom.redis.RedisCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides where buckets are in Redis: first by the permits that this process has taken ahead, then
 * by all other buckets in one step (in a cluster without tags, one after the other). Who is refused
 * by one gets back what the ones before took.
 *
 * <p>Thread-safe.
 *
 * @param <R> the type of subjects
 */
final class SharedDecider<R> implements Decider<R> {

  private static final Logger LOG = LoggerFactory.getLogger(RateLimiter.class);
  private static final long BETWEEN_COMPLAINTS_NANOS = TimeUnit.MINUTES.toNanos(1);

  private final String limiter;
  private final BucketNames names;
  private final List<SharedPolicy<R>> policies;
  private final Map<String, PolicyCounts> counts;
  private final Map<SharedPolicy<R>, Leases> leases;
  private final @Nullable Function<? super R, ?> tag;
  private final boolean oneByOne;

  /** Whether all buckets of a request are asked in one step. */
  private final boolean oneTrip;

  private final boolean shadow;
  private final RedisLimits redis;
  private final Lines lines;
  private final Presence presence;
  private final Alone<R> alone;
  private final TimeSource time;
  private final AtomicLong complainedNanos;

  /**
   * What a limiter was told of its being shared.
   *
   * @param <R> the type of subjects
   * @param redis where
   * @param whenAway how it decides while Redis does not
   * @param processes how many it has, as long as nobody knows
   * @param tag what all buckets of a request have in common; null if nothing
   */
  record Settings<R>(
      RedisLimits redis, WhenAway whenAway, int processes, @Nullable Function<? super R, ?> tag) {}

  SharedDecider(
      String limiter,
      List<SharedPolicy<R>> policies,
      Settings<R> settings,
      int maximumKeys,
      boolean shadow,
      TimeSource time) {
    this.limiter = limiter;
    this.names = new BucketNames(limiter);
    this.policies = List.copyOf(policies);
    this.counts =
        policies.stream()
            .map(SharedPolicy::counts)
            .collect(Collectors.toUnmodifiableMap(PolicyCounts::policy, each -> each));
    this.redis = settings.redis();
    this.tag = settings.tag();
    this.oneByOne = redis.isCluster() && tag == null;
    this.shadow = shadow;
    this.time = time;
    RedisBuckets buckets = redis.buckets();
    long now = time.nanoTime();
    this.complainedNanos = new AtomicLong(now - BETWEEN_COMPLAINTS_NANOS);
    this.lines = new Lines(buckets, time);
    this.presence = new Presence(buckets, names.presence(), settings.processes(), redis.time());
    this.leases =
        policies.stream()
            .filter(SharedPolicy::isLeased)
            .collect(
                Collectors.toUnmodifiableMap(
                    policy -> policy,
                    policy -> new Leases(policy, buckets, maximumKeys, redis.time())));
    this.oneTrip = leases.isEmpty() && (!oneByOne || policies.size() == 1);
    this.alone =
        new Alone<>(
            limiter, settings.whenAway(), policies, settings.processes(), maximumKeys, time);
  }

  @Override
  public Decision decide(R subject, long permits, int factor) {
    List<Bid<R>> bids = bids(subject);
    long price = Bid.price(bids, permits, factor);
    Decision quick = decideHere(bids, permits, factor, price);
    if (quick != null) {
      return done(quick, permits);
    }
    long until = time.nanoTime() + redis.timeout().toNanos();
    try {
      long limit = redis.timeout().toNanos();
      return done(
          oneTrip
              ? lines.ask(bids, price, until).get(limit, TimeUnit.NANOSECONDS).decision()
              : ask(bids, price, until).get(limit, TimeUnit.NANOSECONDS),
          permits);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException failed) {
      noteFailure(bids, failed.getCause());
    } catch (TimeoutException late) {
      // what he asked for may be taken all the same, and counts as spent
    }
    return done(alone.decide(bids, permits, factor), permits);
  }

  @Override
  public CompletableFuture<Decision> decideAsync(R subject, long permits, int factor) {
    List<Bid<R>> bids = bids(subject);
    long price = Bid.price(bids, permits, factor);
    Decision quick = decideHere(bids, permits, factor, price);
    if (quick != null) {
      return CompletableFuture.completedFuture(done(quick, permits));
    }
    long until = time.nanoTime() + redis.timeout().toNanos();
    CompletableFuture<Decision> asked = ask(bids, price, until);
    BiFunction<@Nullable Decision, @Nullable Throwable, Decision> told =
        (decision, failure) -> {
          if (decision != null) {
            return done(decision, permits);
          }
          noteFailure(bids, failure);
          return done(alone.decide(bids, permits, factor), permits);
        };
    return asked.isDone()
        ? asked.handle(told)
        : asked
            .orTimeout(redis.timeout().toNanos(), TimeUnit.NANOSECONDS)
            .handleAsync(told, ForkJoinPool.commonPool());
  }

  private List<Bid<R>> bids(R subject) {
    Object tagged = tag == null ? null : tagOf(tag, subject);
    if (policies.size() == 1) {
      SharedPolicy<R> only = policies.get(0);
      Object key = only.keyOf(subject);
      return key == null
          ? List.of()
          : List.of(new Bid<>(only, key, only.bucket(names, key, tagged)));
    }
    List<Bid<R>> bids = new ArrayList<>(policies.size());
    for (SharedPolicy<R> policy : policies) {
      Object key = policy.keyOf(subject);
      if (key != null) {
        bids.add(new Bid<>(policy, key, policy.bucket(names, key, tagged)));
      }
    }
    return bids;
  }

  private Object tagOf(Function<? super R, ?> function, R subject) {
    return Objects.requireNonNull(
        function.apply(subject),
        () -> "limiter '" + limiter + "': the tag is null; give each subject one");
  }

  /** What needs no round trip; null if one is needed. */
  private @Nullable Decision decideHere(List<Bid<R>> bids, long permits, int factor, long price) {
    if (bids.isEmpty()) {
      return Decision.unlimited(permits);
    }
    for (Bid<R> bid : bids) {
      MicroLimit limit = bid.policy().limit();
      if (permits > limit.policy.limit().capacity()) {
        return limit.decision(0, false, permits, 0);
      }
    }
    if (!redis.isUp()) { // nobody is to be asked, nor to wait
      return alone.decide(bids, permits, factor);
    }
    Bid<R> first = bids.get(0);
    return bids.size() == 1 && isLeased(first)
        ? leases(first).find(first.bucket()).tryTake(price, time.nanoTime(), presence.processes())
        : null;
  }

  /** With as many leases as there may be keys, further ones do without. */
  private boolean isLeased(Bid<R> bid) {
    return bid.policy().isLeased() && leases(bid).isOpenTo(bid.bucket());
  }

  private Leases leases(Bid<R> bid) {
    return Objects.requireNonNull(leases.get(bid.policy()));
  }

  private CompletableFuture<Decision> ask(List<Bid<R>> bids, long price, long untilNanos) {
    List<Stage> stages = new ArrayList<>();
    List<Bid<R>> together = new ArrayList<>();
    for (Bid<R> bid : bids) {
      if (isLeased(bid)) {
        stages.add(new Stage.OfLease(leases(bid), bid.bucket(), presence, time));
      } else {
        together.add(bid);
      }
    }
    if (oneByOne) {
      together.forEach(
          bid -> stages.add(new Stage.OfBuckets<>(List.of(bid), lines, redis.buckets())));
    } else if (!together.isEmpty()) {
      stages.add(new Stage.OfBuckets<>(together, lines, redis.buckets()));
    }
    return new Stages(stages, price, untilNanos).take();
  }

  /** The decision as the caller gets it. */
  private Decision done(Decision decision, long permits) {
    Decision whole = decision.ofWanted(permits);
    Decision told = shadow ? whole.shadowed() : whole;
    told.policy()
        .map(policy -> Objects.requireNonNull(counts.get(policy.name())))
        .ifPresent(count -> count.add(told, false));
    return told;
  }

  /**
   * Redis is known to be away when it does not answer; when it answers with errors, nobody says,
   * and it may do so for one bucket of many, time and again.
   */
  private void noteFailure(List<Bid<R>> bids, @Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    long now = time.nanoTime();
    long before = complainedNanos.get();
    if (cause != null
        && cause != RedisCallException.AWAY
        && !(cause instanceof TimeoutException)
        && redis.isUp()
        && now - before >= BETWEEN_COMPLAINTS_NANOS
        && complainedNanos.compareAndSet(before, now)) {
      LOG.warn(
          "limiter '{}', policies {}: no answer from Redis in time, or an error, so that this"
              + " process decides for itself. Not said again for a minute, but counted ({})",
          limiter,
          bids.stream().map(bid -> bid.policy().limit().policy.name()).toList(),
          String.valueOf(cause));
    }
  }

  /** Says that it is there; done when it is known how many processes there are. */
  CompletableFuture<?> present(long now) {
    return presence.present(now).thenRun(() -> alone.share(presence.processes()));
  }

  /** Says that it is there no more. */
  CompletableFuture<?> leave() {
    return presence.leave();
  }

  /** Does what is to be done from time to time. */
  void tick(long now, boolean isUp) {
    if (isUp) {
      presence.tick(now);
    }
    alone.share(presence.processes());
    leases.values().forEach(each -> each.tick(now));
  }

  @Override
  public List<Policy> policies() {
    return policies.stream().map(policy -> policy.limit().policy).toList();
  }

  @Override
  public boolean isShadow() {
    return shadow;
  }

  @Override
  public List<PolicyCounts> counts() {
    return policies.stream().map(SharedPolicy::counts).toList();
  }

  @Override
  public OptionalLong keys(int policy) {
    Leases held = leases.get(policies.get(policy));
    return held == null ? OptionalLong.empty() : OptionalLong.of(held.size());
  }

  @Override
  public OptionalLong processes() {
    return OptionalLong.of(presence.processes());
  }

  @Override
  public void changeLimit(int policy, Limit limit) {
    policies.get(policy).change(limit);
    alone.share(presence.processes());
  }
}
