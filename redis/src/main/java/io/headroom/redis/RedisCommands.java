package io.headroom.redis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.headroom.TimeSource;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection for scripts, behind a breaker. Nobody waits for a server that does not answer:
 * after some failures calls fail at once, and the {@link #tick} finds out when it is back.
 *
 * <p>Thread-safe.
 */
public final class RedisCommands {

  private static final int WINDOW = 20;
  private static final int LEAST_CALLS = 5;
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long SAID_AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);

  /** Replies of a server that answers, and cannot do its work: another one may, or it may later. */
  private static final List<String> AWAY =
      List.of("READONLY", "LOADING", "CLUSTERDOWN", "MASTERDOWN", "BUSY", "MISCONF", "NOAUTH");

  private final String name;
  private final String meanwhile;
  private final Logger log;
  private final RedisClients clients;
  private final TimeSource time;
  private final CircuitBreaker breaker;
  private final Lane<StatefulConnection<byte[], byte[]>> lane;
  private final AtomicBoolean probing = new AtomicBoolean();

  /** Whether the log says that it is away; the breaker knows whether it is. */
  private final AtomicBoolean saidAway = new AtomicBoolean();

  private volatile long answeredNanos;
  private volatile long saidNanos;
  private volatile @Nullable Throwable lastFailure;
  private volatile boolean closed;

  /**
   * Creates it; nothing is connected before the first tick.
   *
   * @param name what logs call it, without secrets
   * @param meanwhile what is done without it, as logs say it
   * @param loggedAs the type that applications know, whose logger it is
   * @param clients make its connection
   * @param time the clock
   * @param made is run as soon as there is a new connection
   */
  public RedisCommands(
      String name,
      String meanwhile,
      Class<?> loggedAs,
      RedisClients clients,
      TimeSource time,
      Runnable made) {
    this.name = name;
    this.meanwhile = meanwhile;
    this.log = LoggerFactory.getLogger(loggedAs);
    this.clients = clients;
    this.time = time;
    this.answeredNanos = time.nanoTime();
    this.breaker =
        CircuitBreaker.of(
            "redis",
            CircuitBreakerConfig.custom()
                .slidingWindowType(SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(WINDOW)
                .minimumNumberOfCalls(LEAST_CALLS)
                .failureRateThreshold(50)
                .waitDurationInOpenState(Duration.ofDays(1)) // the tick closes it
                .currentTimestampFunction(clock -> time.nanoTime(), TimeUnit.NANOSECONDS)
                .build());
    this.lane = new Lane<>(clients::connect, connection -> made.run());
  }

  /**
   * Tells whether calls are let through now.
   *
   * @return false while they fail at once
   */
  public boolean isUp() {
    return !isAway() && lane.get() != null;
  }

  private boolean isAway() {
    return breaker.getState() != CircuitBreaker.State.CLOSED;
  }

  /**
   * Returns the connection, whether Redis is there or not.
   *
   * @return null if there is none yet
   */
  public @Nullable StatefulConnection<byte[], byte[]> connection() {
    return lane.get();
  }

  /**
   * Returns the connection, to send a command of one's own on it; {@link #ended} is to be told what
   * comes of it.
   *
   * @return null if Redis is away
   */
  public @Nullable StatefulConnection<byte[], byte[]> openConnection() {
    StatefulConnection<byte[], byte[]> connection = lane.get();
    return connection != null && breaker.tryAcquirePermission() ? connection : null;
  }

  /**
   * Runs a script, unless Redis is away.
   *
   * @param script what to run
   * @param keys what it touches
   * @param arguments what it is told
   * @return its reply; fails with a {@link RedisCallException}, at once if Redis is away
   */
  public CompletableFuture<List<Object>> run(
      RedisScript script, byte[][] keys, byte[]... arguments) {
    if (!breaker.tryAcquirePermission()) {
      return RedisCallException.away();
    }
    return send(script, keys, arguments, false);
  }

  /**
   * Runs a script to see whether Redis is there, and lets all calls through if it is.
   *
   * @param script what to run
   * @param keys what it touches
   * @param arguments what it is told
   * @return its reply; fails with a {@link RedisCallException}
   */
  public CompletableFuture<List<Object>> probe(
      RedisScript script, byte[][] keys, byte[]... arguments) {
    return send(script, keys, arguments, true);
  }

  private CompletableFuture<List<Object>> send(
      RedisScript script, byte[][] keys, byte[][] arguments, boolean probes) {
    StatefulConnection<byte[], byte[]> connection = lane.get();
    if (connection == null) {
      ended(RedisCallException.AWAY);
      return RedisCallException.away();
    }
    RedisClusterAsyncCommands<byte[], byte[]> scripts = clients.commands(connection);
    CompletableFuture<List<Object>> result = new CompletableFuture<>();
    ask(
        () -> scripts.evalsha(script.digest(), ScriptOutputType.MULTI, keys, arguments),
        (reply, failure) -> {
          if (isNoScript(failure)) {
            ask(
                () -> scripts.eval(script.text(), ScriptOutputType.MULTI, keys, arguments),
                (second, why) -> ends(result, second, why, probes));
          } else {
            ends(result, reply, failure, probes);
          }
        });
    return result;
  }

  private static void ask(
      Supplier<RedisFuture<List<Object>>> command,
      BiConsumer<@Nullable List<Object>, @Nullable Throwable> then) {
    RedisFuture<List<Object>> sent;
    try {
      sent = command.get();
    } catch (RuntimeException closed) { // or it takes no more
      then.accept(null, closed);
      return;
    }
    var unused = sent.whenComplete(then);
  }

  private void ends(
      CompletableFuture<List<Object>> result,
      @Nullable List<Object> reply,
      @Nullable Throwable failure,
      boolean probes) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    Throwable why = cause == null && reply == null ? RedisCallException.AWAY : cause;
    ended(why);
    if (probes && isThere(why) && isAway()) {
      breaker.reset();
      saysItIsBack();
    }
    if (reply != null) {
      result.complete(reply);
    } else {
      result.completeExceptionally(RedisCallException.of(why));
    }
  }

  private static boolean isNoScript(@Nullable Throwable failure) {
    return failure instanceof RedisNoScriptException
        || (failure instanceof CompletionException && isNoScript(failure.getCause()));
  }

  private static boolean isAway(RedisCommandExecutionException refusal) {
    String message = String.valueOf(refusal.getMessage());
    return AWAY.stream().anyMatch(message::startsWith);
  }

  private static boolean isThere(@Nullable Throwable cause) {
    return cause == null
        || (cause instanceof RedisCommandExecutionException refusal && !isAway(refusal));
  }

  /**
   * Notes what has come of a command. While Redis is known to be away, an answer that comes late
   * does not change that: the next probe does.
   *
   * @param cause why it failed; null if it was answered
   */
  public void ended(@Nullable Throwable cause) {
    if (isThere(cause)) {
      answeredNanos = time.nanoTime();
      breaker.onSuccess(0, TimeUnit.NANOSECONDS);
      if (!isAway()) {
        saysItIsBack(); // where it was not reached at first
      }
    } else if (isTooMany(cause)) {
      breaker.releasePermission(); // which says nothing of Redis
    } else {
      breaker.onError(0, TimeUnit.NANOSECONDS, Objects.requireNonNull(cause));
      lastFailure = cause;
      if (!closed && isAway() && saidAway.compareAndSet(false, true)) {
        saidNanos = time.nanoTime();
        log.warn(
            "Redis at {} does not answer: {}, until it does ({})",
            name,
            meanwhile,
            String.valueOf(cause));
      }
    }
  }

  /** This process has more commands under way than its client takes. */
  private static boolean isTooMany(@Nullable Throwable cause) {
    return cause instanceof RedisException
        && String.valueOf(cause.getMessage()).startsWith("Request queue size exceeded");
  }

  private void saysItIsBack() {
    if (!closed && saidAway.get() && saidAway.compareAndSet(true, false)) {
      log.info("Redis at {} answers", name);
    }
  }

  /**
   * Connects, looks whether it is there, tries again: several times a second.
   *
   * @param nowNanos the time
   * @param probe runs what shows whether Redis works, and then what it is given
   */
  public void tick(long nowNanos, Consumer<Runnable> probe) {
    lane.tick(nowNanos);
    saysAgain(nowNanos);
    boolean isAway = isAway();
    if (isAway && nowNanos - answeredNanos > STUCK_NANOS) {
      answeredNanos = nowNanos;
      lane.renew();
    }
    if (isAway && probing.compareAndSet(false, true)) {
      try {
        probe.accept(() -> probing.set(false));
      } catch (RuntimeException | Error unexpected) { // else it would never be tried again
        probing.set(false);
        throw unexpected;
      }
    }
  }

  /** What does not mend itself, a wrong password say, is not to be read of once and forgotten. */
  private void saysAgain(long nowNanos) {
    if (!closed && saidAway.get() && nowNanos - saidNanos >= SAID_AGAIN_NANOS) {
      saidNanos = nowNanos;
      log.warn(
          "Redis at {} still does not answer: {} ({})",
          name,
          meanwhile,
          lane.get() == null ? lane.whyNot() : String.valueOf(lastFailure));
    }
  }

  /** Gives the connection up; another is made at the next tick. */
  public void renew() {
    lane.renew();
  }

  /**
   * Tells when there has been a connection.
   *
   * @return done once there was one; it never fails
   */
  public CompletableFuture<Void> firstMade() {
    return lane.firstMade();
  }

  /** Says in the log that it is not reached, once; and once more when it is. */
  public void isNotReached() {
    if (!closed && saidAway.compareAndSet(false, true)) {
      saidNanos = time.nanoTime();
      log.warn(
          "Redis at {} cannot be reached yet: {}, until it can ({})",
          name,
          meanwhile,
          lane.whyNot());
    }
  }

  /**
   * Makes no more connections, and says no more in the log; whoever made the clients closes them.
   */
  public void close() {
    closed = true;
    lane.close();
  }

  @Override
  public String toString() {
    return name + (isAway() ? ", away" : lane.get() == null ? ", not connected" : ", connected");
  }
}
