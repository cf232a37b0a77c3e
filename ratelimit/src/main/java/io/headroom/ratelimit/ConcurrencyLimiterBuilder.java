package io.headroom.ratelimit;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Says what a {@link ConcurrencyLimiter} admits. Each option may be set once. Not thread-safe.
 *
 * @param <R> the type of subjects
 */
public final class ConcurrencyLimiterBuilder<R> {

  private final Policy policy;
  private final Options options;
  private final List<RateLimitListener> listeners = new ArrayList<>();
  private Function<? super R, ? extends @Nullable Object> key = subject -> subject;
  private boolean shadow;

  ConcurrencyLimiterBuilder(String name, int atOnce) {
    this.policy = new Policy(name, limit(atOnce));
    this.options = new Options("limiter '" + name + "'");
  }

  static Limit limit(int atOnce) {
    return Limit.atOnce(Options.number("atOnce", atOnce, 1, Integer.MAX_VALUE));
  }

  /**
   * Sets what subjects are told apart by; the subjects themselves unless set.
   *
   * @param key with {@code equals} and {@code hashCode}; null if the limit does not apply to a
   *     subject
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ConcurrencyLimiterBuilder<R> key(Function<? super R, ? extends @Nullable Object> key) {
    options.once("key");
    this.key = Objects.requireNonNull(key, "key must not be null");
    return this;
  }

  /**
   * Only looks: decides and counts, but lets everybody go on. Decisions say what they would have
   * been ({@link Decision#isShadowed}).
   *
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ConcurrencyLimiterBuilder<R> shadow() {
    options.once("shadow");
    shadow = true;
    return this;
  }

  /**
   * Adds a listener.
   *
   * @param listener hears of decisions
   * @return this builder
   */
  public ConcurrencyLimiterBuilder<R> listener(RateLimitListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener must not be null"));
    return this;
  }

  /**
   * Builds the limiter.
   *
   * @return a limiter none of whose permits are out
   */
  public ConcurrencyLimiter<R> build() {
    return new ConcurrencyLimiter<>(policy, key, new Listeners(policy.name(), listeners), shadow);
  }
}
