package io.headroom.ratelimit;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says what a {@link RateLimiter} admits. Each option may be set once, each policy's name be used
 * once. Not thread-safe.
 *
 * @param <R> the type of subjects
 */
public final class RateLimiterBuilder<R> {

  private static final int MAXIMUM_KEYS = 1_000_000;

  private final String name;
  private final Options options;
  private final List<Keyed<R>> policies = new ArrayList<>();
  private final List<RateLimitListener> listeners = new ArrayList<>();
  private int maximumKeys = MAXIMUM_KEYS;
  private boolean shadow;
  private @Nullable IntSupplier factor;
  private TimeSource time = TimeSource.system();

  private @Nullable RedisLimits redis;
  private WhenAway whenAway = WhenAway.FAIR_SHARE;
  private int processes = 1;
  private @Nullable Function<? super R, ?> tag;

  private record Keyed<R>(
      Policy policy, Function<? super R, ? extends @Nullable Object> key, boolean leased) {}

  RateLimiterBuilder(String name) {
    this.name = Objects.requireNonNull(name, "name must not be null");
    if (name.isBlank()) {
      throw new IllegalArgumentException("name must not be blank: logs and metrics need it");
    }
    this.options = new Options("limiter '" + name + "'");
  }

  /**
   * Adds a limit for each subject, as a policy with the limiter's name. Subjects are told apart by
   * {@code equals}.
   *
   * @param limit what each is admitted
   * @return this builder
   * @throws IllegalStateException if there is a policy of this name
   */
  public RateLimiterBuilder<R> limit(Limit limit) {
    return policy(name, limit, subject -> subject);
  }

  /**
   * Adds a limit for each of something that subjects have, such as their addresses.
   *
   * @param policy what decisions, logs and metrics call it
   * @param limit what each is admitted
   * @param key what they are told apart by, with {@code equals} and {@code hashCode}, best a short
   *     string or a number, as it is kept until its bucket is full; null if the policy does not
   *     apply to a subject
   * @return this builder
   * @throws IllegalStateException if there is a policy of this name
   */
  public RateLimiterBuilder<R> policy(
      String policy, Limit limit, Function<? super R, ? extends @Nullable Object> key) {
    return add(policy, limit, key, false);
  }

  private RateLimiterBuilder<R> add(
      String policy,
      Limit limit,
      Function<? super R, ? extends @Nullable Object> key,
      boolean leased) {
    Policy named = new Policy(policy, limit);
    Objects.requireNonNull(key, "key must not be null");
    options.once("policy '" + policy + "'");
    policies.add(new Keyed<>(named, key, leased));
    return this;
  }

  /**
   * Adds a limit for all subjects together.
   *
   * @param policy what decisions, logs and metrics call it
   * @param limit what all are admitted
   * @return this builder
   * @throws IllegalStateException if there is a policy of this name
   */
  public RateLimiterBuilder<R> policy(String policy, Limit limit) {
    return policy(policy, limit, subject -> LocalPolicy.ALL);
  }

  /**
   * Adds a limit for each of something that subjects have, of which each process takes permits
   * ahead from Redis, and gives them out from memory: for keys that are asked for thousands of
   * times a second. The processes together admit, in any time, at most the burst, what flows in
   * meanwhile, and what flows in during a tenth of a second (at least one permit each; while there
   * are more of them than they have heard of yet, for a second or so, more). Times to come back are
   * estimates.
   *
   * @param policy what decisions, logs and metrics call it
   * @param limit what each is admitted
   * @param key what they are told apart by; null if the policy does not apply to a subject
   * @return this builder
   * @throws IllegalStateException if there is a policy of this name
   */
  public RateLimiterBuilder<R> leased(
      String policy, Limit limit, Function<? super R, ? extends @Nullable Object> key) {
    return add(policy, limit, key, true);
  }

  /**
   * Adds a limit for all subjects of all processes together, of which each process takes permits
   * ahead, as {@link #leased(String, Limit, Function)} says.
   *
   * @param policy what decisions, logs and metrics call it
   * @param limit what all are admitted
   * @return this builder
   * @throws IllegalStateException if there is a policy of this name
   */
  public RateLimiterBuilder<R> leased(String policy, Limit limit) {
    return leased(policy, limit, subject -> LocalPolicy.ALL);
  }

  /**
   * Keeps the buckets in Redis, where all processes whose limiters have this name share them. Names
   * are part of keys then: at most 56 printable ASCII characters, no space, colon, brace or #. Keys
   * must be strings, numbers, UUIDs or constants of enums, which all processes call the same.
   *
   * @param redis where
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimiterBuilder<R> shared(RedisLimits redis) {
    options.once("shared");
    this.redis = Objects.requireNonNull(redis, "redis must not be null");
    return this;
  }

  /**
   * Says how to decide while Redis does not answer; {@link WhenAway#FAIR_SHARE} unless set.
   *
   * @param way how
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimiterBuilder<R> whenAway(WhenAway way) {
    options.once("whenAway");
    whenAway = Objects.requireNonNull(way, "way must not be null");
    return this;
  }

  /**
   * Says how many processes share the limits as long as Redis has not said it; 1 unless set. It
   * counts where Redis cannot be reached from the start.
   *
   * @param expected 1 to 100,000
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public RateLimiterBuilder<R> processes(int expected) {
    options.once("processes");
    processes = Options.number("processes", expected, 1, 100_000);
    return this;
  }

  /**
   * Says what all buckets of a request have in common, such as its tenant, so that in a Redis
   * Cluster they lie in one slot and are debited in one step. Then a key's bucket is another one
   * for each tag. Without it, a cluster's buckets are debited one after the other, and what one has
   * given is given back when the next refuses. Elsewhere it is of no use.
   *
   * @param tag what they have in common; not null for any subject
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimiterBuilder<R> tag(Function<? super R, ?> tag) {
    options.once("tag");
    this.tag = Objects.requireNonNull(tag, "tag must not be null");
    return this;
  }

  /**
   * Bounds how many keys of each policy have buckets of their own at a time; 1,000,000 unless set.
   * Those beyond it share one. It is a bound against floods: choose one that honest callers never
   * reach. Threads that begin buckets at the same moment may pass it by one each.
   *
   * @param keys 1 or more
   * @return this builder
   * @throws IllegalArgumentException if it is less
   * @throws IllegalStateException if it is set already
   */
  public RateLimiterBuilder<R> maximumKeys(int keys) {
    options.once("maximumKeys");
    maximumKeys = Options.number("maximumKeys", keys, 1, Integer.MAX_VALUE);
    return this;
  }

  /**
   * Only looks: decides and counts, but lets everybody go on. Decisions say what they would have
   * been ({@link Decision#isShadowed}), and what would have been refused is not debited.
   *
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimiterBuilder<R> shadow() {
    options.once("shadow");
    shadow = true;
    return this;
  }

  /**
   * Gives less to who can be shed while a resource is under load: from {@link LoadLevel#HIGH} on, a
   * request whose {@link RequestContext#criticality} is {@link Criticality#SHEDDABLE} pays two
   * permits for each one that it wants, at {@link LoadLevel#CRITICAL} four, so that it has half or
   * a quarter of the rate and the burst; all others go on as without it. What counts is the context
   * and the level of the moment, and the thread, of the call.
   *
   * <p>The price is never above the smallest capacity of the policies that apply, so that full
   * buckets admit whatever they would without a load: a policy with a burst of 1 does not tighten,
   * and who wants more than half of a burst pays all of it. {@link Decision#price} tells it.
   *
   * @param signal tells the level; asked for requests that can be shed only. What it throws comes
   *     out where the limiter is asked
   * @param resource what admitted requests use: a pool, a cluster
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimiterBuilder<R> loadSignal(LoadSignal signal, String resource) {
    options.once("loadSignal");
    Objects.requireNonNull(signal, "signal must not be null");
    Objects.requireNonNull(resource, "resource must not be null");
    factor = () -> Price.factor(signal, resource);
    return this;
  }

  /**
   * Adds a listener.
   *
   * @param listener hears of decisions
   * @return this builder
   */
  public RateLimiterBuilder<R> listener(RateLimitListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener must not be null"));
    return this;
  }

  /**
   * Sets the clock; the system's unless set.
   *
   * @param time the clock
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public RateLimiterBuilder<R> time(TimeSource time) {
    options.once("time");
    this.time = Objects.requireNonNull(time, "time must not be null");
    return this;
  }

  /**
   * Builds the limiter.
   *
   * @return a limiter; in the process, all of its buckets are full
   * @throws IllegalStateException if there is no policy; or if an option for limits in Redis is
   *     set, and {@link #shared} is not; or if the Redis is closed
   * @throws IllegalArgumentException if a name or a limit cannot be kept in Redis
   */
  public RateLimiter<R> build() {
    if (policies.isEmpty()) {
      throw new IllegalStateException(
          "limiter '" + name + "': there is nothing to limit; call limit or policy");
    }
    return new RateLimiter<>(name, decider(), new Listeners(name, listeners), factor);
  }

  private Decider<R> decider() {
    if (redis != null) {
      List<SharedPolicy<R>> shared =
          policies.stream()
              .map(each -> new SharedPolicy<R>(name, each.policy(), each.key(), each.leased()))
              .toList();
      SharedDecider<R> decider =
          new SharedDecider<>(
              name,
              shared,
              new SharedDecider.Settings<>(redis, whenAway, processes, tag),
              maximumKeys,
              shadow,
              time);
      redis.register(decider);
      return decider;
    }
    for (String option : List.of("whenAway", "processes", "tag")) {
      requireShared(options.isSet(option), option);
    }
    for (Keyed<R> policy : policies) {
      requireShared(policy.leased(), "policy '" + policy.policy().name() + "' is leased, which");
    }
    List<LocalPolicy<R>> local =
        policies.stream()
            .map(each -> new LocalPolicy<R>(name, each.policy(), each.key(), maximumKeys, time))
            .toList();
    return LocalDecider.of(local, time, shadow);
  }

  private void requireShared(boolean isSet, String what) {
    if (isSet) {
      throw new IllegalStateException(
          "limiter '" + name + "': " + what + " is for limits in Redis; call shared(redis)");
    }
  }
}
