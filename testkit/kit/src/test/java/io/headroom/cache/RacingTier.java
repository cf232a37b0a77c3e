package io.headroom.cache;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.Layout.Place;
import io.headroom.testkit.interleaving.Interleaving;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A process's way to a real Redis, on which actors stop before and after each step, and news wait
 * until they are delivered.
 */
final class RacingTier implements RedisTier.Between, AutoCloseable {

  private static final ThreadLocal<Boolean> ACTING = ThreadLocal.withInitial(() -> false);

  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final RedisTier redis;
  private final Queue<Runnable> news = new ConcurrentLinkedQueue<>();
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger delivered = new AtomicInteger();
  private Interleaving race = Interleaving.ofSeed(0);
  private RacingTier[] all = {};
  private int sent;

  RacingTier(String uri) {
    this.redis =
        RedisTier.builder(uri)
            .timeout(Duration.ofSeconds(10))
            .silence(Duration.ofHours(1))
            .between(this)
            .build();
  }

  RedisTier redis() {
    return redis;
  }

  /** A new run begins. */
  void begin(Interleaving race, RacingTier[] all) {
    this.race = race;
    this.all = all;
    sent = 0;
    news.clear();
    arrived.set(0);
    delivered.set(0);
  }

  /** What an actor does, so that its thread is known. */
  static void acting(Interleaving.Act act) throws Exception {
    ACTING.set(true);
    try {
      act.run();
    } finally {
      ACTING.set(false);
    }
  }

  /** An actor that brings so many news, one at a time. */
  void deliver(int many) {
    for (int i = 0; i < many; i++) {
      race.await("news", () -> !news.isEmpty());
      news.remove().run();
      delivered.incrementAndGet();
    }
  }

  /** Always, so that what can happen then does. */
  @Override
  public Peeks peeks() {
    return new Peeks(0);
  }

  @Override
  public Consumer<byte[]> news(Consumer<byte[]> reader) {
    return message -> {
      news.add(() -> reader.accept(message));
      arrived.incrementAndGet();
    };
  }

  @Override
  public SharedStore store(SharedStore store) {
    return new Gated(store);
  }

  private final class Gated implements SharedStore {

    private final SharedStore store;

    Gated(SharedStore store) {
      this.store = store;
    }

    private <T> CompletableFuture<T> step(String name, Supplier<CompletableFuture<T>> step) {
      if (!ACTING.get()) {
        return step.get();
      }
      race.point("before " + name);
      CompletableFuture<T> done = step.get();
      try {
        done.join();
      } catch (RuntimeException failed) {
        return done;
      }
      race.point("after " + name);
      return done;
    }

    @Override
    public CompletableFuture<SharedRead> read(Place place, byte[] lease, long draw) {
      return step("read", () -> store.read(place, lease, draw));
    }

    @Override
    public CompletableFuture<java.util.List<SharedRead>> readAll(
        java.util.List<Place> places, byte[] lease, long draw) {
      return step("read all", () -> store.readAll(places, lease, draw));
    }

    @Override
    public CompletableFuture<SharedRead> peek(Place place, Position known, long millis, long draw) {
      return step("peek", () -> store.peek(place, known, millis, draw));
    }

    @Override
    public List<CompletableFuture<SharedRead>> peekAll(
        List<Place> places, long draw, long nowNanos) {
      return store.peekAll(places, draw, nowNanos);
    }

    @Override
    public CompletableFuture<Boolean> fill(
        Place place, byte[] lease, Position at, SharedValue value) {
      return step("fill", () -> store.fill(place, lease, at, value));
    }

    @Override
    public void release(Place place, byte[] lease) {
      store.release(place, lease);
    }

    @Override
    public CompletableFuture<Position> invalidate(
        Place place, long identity, String token, byte[] marker, @Nullable SharedValue value) {
      return step(
          "invalidate",
          () -> {
            CompletableFuture<Position> done =
                store.invalidate(place, identity, token, marker, value);
            done.join();
            sent++;
            awaitNews();
            return done;
          });
    }

    /** All processes have got the message, though none has read it: so a run can be repeated. */
    private void awaitNews() {
      int expected = 0;
      for (RacingTier tier : all) {
        expected += tier.sent;
      }
      for (RacingTier tier : all) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (tier.arrived.get() < expected) {
          if (System.nanoTime() - end > 0) {
            throw new AssertionError(tier.arrived + " of " + expected + " messages have come in");
          }
          Thread.onSpinWait();
        }
      }
    }

    @Override
    public CompletableFuture<Position> invalidateTag(
        int partition, long identity, String tag, String token) {
      return store.invalidateTag(partition, identity, tag, token);
    }

    @Override
    public CompletableFuture<Void> mark(Place place, byte[] marker) {
      return step("mark", () -> store.mark(place, marker));
    }

    @Override
    public CompletableFuture<Position> begin(
        int partition,
        long identity,
        Invalidation.Kind kind,
        String token,
        long follows,
        long known) {
      return store.begin(partition, identity, kind, token, follows, known);
    }

    @Override
    public CompletableFuture<SyncAnswer> sync(int partition, Position known) {
      return store.sync(partition, known);
    }
  }

  @Override
  public void close() {
    redis.close();
  }
}
