package io.headroom.ratelimit;

import io.headroom.CloseActions;
import io.headroom.TimeSource;
import io.headroom.redis.RedisClients;
import io.headroom.redis.RedisCommands;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis (or Valkey) in which limits are kept that many processes share: one server, what
 * sentinels say is the primary, or a cluster.
 *
 * <pre>{@code
 * RedisLimits redis = RedisLimits.connect("redis://limits.internal");
 *
 * RateLimiter<Request> door =
 *     RateLimiter.<Request>builder("door")
 *         .policy("user", Limit.perSecond(1000), Request::user)
 *         .shared(redis)
 *         .build();
 * }</pre>
 *
 * <p>One per process is enough; it has one connection (in a cluster, to each node; beside that to a
 * primary, one to a sentinel), a thread of its own, and Lettuce's. Give it a Redis that evicts
 * nothing ({@code maxmemory-policy noeviction}): a bucket that is evicted is full. While Redis does
 * not answer, limiters decide as {@link WhenAway} says; it is never an exception for who asks.
 *
 * <p>Thread-safe.
 */
public final class RedisLimits implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RedisLimits.class);
  private static final long TICK_MILLIS = 100;
  private static final Duration GOODBYE = Duration.ofMillis(200);

  private final RedisClients clients;
  private final RedisCommands commands;
  private final RedisBuckets buckets;
  private final Duration timeout;
  private final TimeSource time;
  private final ScheduledExecutorService ticks;

  /** Those of the limiters that somebody still has; the others are not counted any more. */
  private final List<WeakReference<SharedDecider<?>>> deciders = new CopyOnWriteArrayList<>();

  private int topology; // by the tick alone
  private volatile boolean closed;
  private final CloseActions closing = new CloseActions();

  RedisLimits(String address, RedisClients clients, Duration timeout, TimeSource time) {
    this.clients = clients;
    this.timeout = timeout;
    this.time = time;
    this.commands =
        new RedisCommands(
            address,
            "rate limits go on without it, as each limiter was told",
            RedisLimits.class,
            clients,
            time,
            () -> {});
    this.buckets = new RedisBuckets(commands);
    closing.add(this::end);
    this.ticks =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "headroom-limits");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Connects to a server, or to what sentinels say is the primary. Where that cannot be done within
   * two seconds, it goes on in the background.
   *
   * @param uri as Lettuce reads it: {@code redis://[user:password@]host[:port][/database]}, {@code
   *     rediss://} for TLS, {@code redis-sentinel://host[,host]#primary}
   * @return the connected limits
   * @throws IllegalArgumentException if it is no such URI
   */
  public static RedisLimits connect(String uri) {
    return builder(uri).build();
  }

  /**
   * Starts one with options.
   *
   * @param uris of a server or sentinels; of a cluster, some of its nodes
   * @return a builder
   * @throws IllegalArgumentException if there is none, or one is no such URI
   */
  public static RedisLimitsBuilder builder(String... uris) {
    return new RedisLimitsBuilder(uris);
  }

  /** Begins to connect, and waits a little for that. */
  RedisLimits start(Duration limit) {
    var unused = ticks.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    if (!isDone(commands.firstMade(), limit)) {
      commands.isNotReached();
    }
    return this;
  }

  private void tick() {
    try {
      long now = time.nanoTime();
      clients.tick(now);
      int seen = clients.topology();
      if (seen != topology) {
        if (topology != 0 && clients.staysBehind()) {
          commands.renew();
        }
        topology = seen;
      }
      commands.tick(now, this::probe);
      deciders.removeIf(decider -> decider.refersTo(null));
      deciders().forEach(decider -> decider.tick(now, commands.isUp()));
    } catch (RuntimeException | Error unexpected) { // the next tick is to come all the same
      LOG.warn("{}: a tick failed, which is a bug; the next one follows", this, unexpected);
    }
  }

  private void probe(Runnable done) {
    var unused = buckets.probe().whenComplete((there, failure) -> done.run());
  }

  private Stream<SharedDecider<?>> deciders() {
    return deciders.stream().<SharedDecider<?>>map(WeakReference::get).filter(Objects::nonNull);
  }

  /**
   * Takes a limiter in, and counts it.
   *
   * @throws IllegalStateException if this is closed
   */
  void register(SharedDecider<?> decider) {
    if (closed) {
      throw new IllegalStateException(this + " is closed: build limiters on an open one");
    }
    deciders.add(new WeakReference<>(decider));
    if (commands.isUp()) {
      isDone(decider.present(time.nanoTime()), timeout); // or a tick finds out how many there are
    }
  }

  RedisBuckets buckets() {
    return buckets;
  }

  boolean isCluster() {
    return clients.isCluster();
  }

  TimeSource time() {
    return time;
  }

  /** How long a decision may take. */
  Duration timeout() {
    return timeout;
  }

  /**
   * Tells whether Redis answers.
   *
   * @return false while limiters do without it
   */
  public boolean isUp() {
    return commands.isUp();
  }

  private static boolean isDone(CompletableFuture<?> what, Duration limit) {
    try {
      what.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException | TimeoutException late) {
      return false;
    }
  }

  /** Has something more done at {@link #close}, once. */
  void onClose(Runnable more) {
    closing.add(more);
  }

  /**
   * Ends the connection and the thread; limiters that are left do without Redis. Other processes
   * get the part of the limits that this one had, and {@link RateLimitMetrics} of it are taken out
   * of their registries. Idempotent; of two calls at a time, one may return before the other has
   * ended all.
   */
  @Override
  public void close() {
    closing.run();
  }

  /** One after the other, whoever else is closing it: to leave takes the connection. */
  private void end() {
    closed = true;
    CloseActions all = new CloseActions();
    all.add(ticks::shutdownNow);
    all.add(this::leave);
    all.add(commands::close);
    all.add(clients::close);
    all.run();
  }

  private void leave() {
    if (commands.isUp()) {
      isDone(
          CompletableFuture.allOf(
              deciders().map(SharedDecider::leave).toArray(CompletableFuture<?>[]::new)),
          GOODBYE);
    }
  }

  @Override
  public String toString() {
    return "RedisLimits[" + commands + (closed ? ", closed" : "") + "]";
  }
}
