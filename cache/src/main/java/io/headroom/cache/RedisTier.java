package io.headroom.cache;

import io.headroom.TimeSource;
import io.headroom.redis.RedisClients;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Redis (or Valkey) that caches share, of one process or many: one server, what sentinels say is
 * the primary, or a cluster.
 *
 * <pre>{@code
 * RedisTier redis = RedisTier.connect("redis://cache.internal");
 * RedisTier sentinels = RedisTier.connect("redis-sentinel://s1,s2,s3/0#main");
 * RedisTier cluster = RedisTier.builder("redis://n1", "redis://n2").cluster().build();
 * }</pre>
 *
 * <p>One per process is enough; it has two connections (in a cluster, to each node; beside those to
 * a primary, one to a sentinel), a thread of its own, and Lettuce's. Where Redis is away, caches do
 * without it, each process with its own entries, and notice when it is back; nothing of this is
 * ever an exception for those who ask a cache.
 *
 * <p>Thread-safe.
 */
public final class RedisTier implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RedisTier.class);
  private static final long TICK_MILLIS = 100;
  private static final Duration FIRST_NEWS = Duration.ofSeconds(1);

  private final RedisLink link;
  private final Duration timeout;
  private final Duration silence;
  private final TimeSource time;
  private final Between between;
  private final ScheduledExecutorService ticks;
  private volatile boolean closed;
  private final List<Coherence<?>> caches = new CopyOnWriteArrayList<>();
  private final Map<String, RedisStore> stores = new ConcurrentHashMap<>();
  private final Map<String, Registration> names = new ConcurrentHashMap<>();
  private final Map<String, Registration> channels = new ConcurrentHashMap<>();

  /** What a test puts between caches and Redis, to have things happen in its own order. */
  interface Between {

    /** What a cache asks instead. */
    default SharedStore store(SharedStore store) {
      return store;
    }

    /** Whether it looks into entries first. */
    default Peeks peeks() {
      return new Peeks();
    }

    /** Who hears of news instead. */
    default Consumer<byte[]> news(Consumer<byte[]> reader) {
      return reader;
    }
  }

  /** What caches of one name have in common. */
  private record Registration(String settings, CopyOnWriteArrayList<Coherence<?>> caches) {}

  RedisTier(
      String uri,
      RedisClients clients,
      Duration timeout,
      Duration silence,
      TimeSource time,
      Between between) {
    this.between = between;
    this.timeout = timeout;
    this.silence = silence;
    this.time = time;
    this.link =
        new RedisLink(
            uri,
            clients,
            time,
            new RedisLink.Listener() {
              @Override
              public void doubt() {
                caches.forEach(Coherence::doubt);
              }

              @Override
              public void doubt(String channel) {
                Registration known = channels.get(channel);
                if (known != null) {
                  known.caches().forEach(Coherence::doubt);
                }
              }

              @Override
              public void confirm(long asOfNanos) {
                caches.forEach(cache -> cache.confirm(asOfNanos));
              }
            });
    this.ticks =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "headroom-redis");
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
   * @return the connected tier
   * @throws IllegalArgumentException if it is no such URI
   */
  public static RedisTier connect(String uri) {
    return builder(uri).build();
  }

  /**
   * Starts a tier with options.
   *
   * @param uris of a server or sentinels; of a cluster, some of its nodes
   * @return a builder
   * @throws IllegalArgumentException if there is none, or one is no such URI
   */
  public static RedisTierBuilder builder(String... uris) {
    return new RedisTierBuilder(uris);
  }

  /** Begins to connect, and waits a little for that. */
  RedisTier start(Duration limit) {
    var unused =
        ticks.scheduleWithFixedDelay(
            this::tick,
            0,
            TICK_MILLIS + ThreadLocalRandom.current().nextInt(10),
            TimeUnit.MILLISECONDS);
    if (!link.awaitConnections(limit)) {
      link.isNotReached();
    }
    return this;
  }

  private void tick() {
    try {
      long now = time.nanoTime();
      link.tick(now, this::probe);
      boolean isUp = link.isUp();
      caches.forEach(cache -> cache.tick(now, isUp));
    } catch (RuntimeException | Error unexpected) { // the next tick is to come all the same
      LOG.warn("{}: a tick failed, which is a bug; the next one follows", this, unexpected);
    }
  }

  /** Asks for a partition of one of the caches, which shows whether Redis works. */
  private void probe(Runnable done) {
    RedisStore some = stores.values().stream().findFirst().orElse(null);
    if (some == null) {
      done.run();
    } else {
      var unused = some.probe(0, Partition.UNKNOWN).whenComplete((answer, failure) -> done.run());
    }
  }

  RedisLink link() {
    return link;
  }

  Duration timeout() {
    return timeout;
  }

  Between between() {
    return between;
  }

  /**
   * After how long without news of a partition a cache asks, on average. In a cluster an echo says
   * only that one primary's news come in, so that each partition is asked for while it is trusted.
   */
  Duration silence(Duration maximumStaleness) {
    Duration longest = maximumStaleness.multipliedBy(2).dividedBy(3); // chance adds a half
    return link.isCluster() && silence.compareTo(longest) > 0 ? longest : silence;
  }

  /**
   * Takes a cache in.
   *
   * @param settings what caches of that name must have in common
   * @throws IllegalStateException if another one has its name and other settings
   */
  synchronized void register(
      String name, String settings, Coherence<?> cache, RedisStore store, byte[] channel) {
    if (closed) {
      throw new IllegalStateException(
          this + " is closed: build cache '" + name + "' on an open one");
    }
    Registration known = names.get(name);
    if (known != null && !known.settings().equals(settings)) {
      throw new IllegalStateException(
          "there is a cache '"
              + name
              + "' already, with other settings, and what one of them keeps the other would read: "
              + known.settings()
              + ". Give this one another name, or the same settings ("
              + settings
              + ")");
    }
    Registration registration =
        known == null ? new Registration(settings, new CopyOnWriteArrayList<>()) : known;
    names.put(name, registration);
    channels.put(new String(channel, StandardCharsets.UTF_8), registration);
    stores.put(name, store);
    registration.caches().add(cache);
    caches.add(cache);
    Consumer<byte[]> readers =
        message -> registration.caches().forEach(one -> one.message(message));
    CompletableFuture<Void> subscribed = link.subscribe(channel, between.news(readers));
    if (link.isUp()) {
      cache.begin(subscribed, FIRST_NEWS);
    }
    if (cache.isRefused()) {
      unregister(name, cache, channel);
      throw new IllegalStateException(
          "cache '"
              + name
              + "' has another number of partitions in "
              + this
              + ": the log says which. Give it the same number everywhere, or another name");
    }
  }

  /** Lets a cache go. */
  synchronized void unregister(String name, Coherence<?> cache, byte[] channel) {
    caches.remove(cache);
    Registration known = names.get(name);
    if (known != null && known.caches().remove(cache) && known.caches().isEmpty()) {
      names.remove(name);
      channels.remove(new String(channel, StandardCharsets.UTF_8));
      stores.remove(name);
      link.unsubscribe(channel);
    }
  }

  /**
   * Tells whether Redis answers.
   *
   * @return false while caches do without it
   */
  public boolean isUp() {
    return link.isUp();
  }

  /** Ends the connections and the thread; caches that are left do without Redis. */
  @Override
  public void close() {
    closed = true;
    ticks.shutdownNow();
    caches.forEach(Coherence::close);
    link.close();
  }

  @Override
  public String toString() {
    return "RedisTier[" + (closed ? link.name() + ", closed" : link) + "]";
  }
}
