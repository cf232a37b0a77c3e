package io.headroom.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.SharedRead.State;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** One entry of a cache in Redis, as its store and as plain commands have it. */
final class OneEntry implements AutoCloseable {

  static final byte[] LEASE = "lease  1".getBytes(UTF_8);
  static final byte[] OTHER_LEASE = "lease  2".getBytes(UTF_8);
  static final byte[] MARKER = "marker 1".getBytes(UTF_8);
  static final byte[] OTHER_MARKER = "marker 2".getBytes(UTF_8);
  static final byte[] NO_MARKER = {};
  static final String TAG = "tag";

  /** In thousandths: with the cost of a value below it loads anew what has an hour left. */
  static final long EAGER = 10_000_000_000L;

  static final long COST_MICROS = 1_000_000;
  static final Duration LONG = Duration.ofMinutes(5);
  static final Duration SHORT = Duration.ofMillis(50);

  private static final byte[] PROBE = "a probe ".getBytes(UTF_8);
  private static final AtomicInteger NAMES = new AtomicInteger();

  private final RedisTier tier;
  private final RedisClient client;
  private final RedisCommands<byte[], byte[]> commands;
  private final Layout layout;
  private final Partition[] partitions;
  private final RedisStore store;

  private Layout.Place place;

  OneEntry(String uri) {
    this(uri, 512, 10_000);
  }

  OneEntry(String uri, int logLength, int mostTags) {
    this.tier = RedisTier.builder(uri).timeout(Duration.ofSeconds(20)).build();
    this.client = RedisClient.create(uri);
    this.commands = client.connect(ByteArrayCodec.INSTANCE).sync();
    this.layout = new Layout("entry-" + NAMES.incrementAndGet(), 1);
    this.partitions = new Partition[] {new Partition(0, layout.domain(0), 1, 0, 0)};
    this.store = new RedisStore(tier.link(), layout, 1, LONG, LONG, LONG, 7, logLength, mostTags);
    begin("42");
  }

  /** Goes on with another key. */
  void begin(String key) {
    place = layout.place(partitions, key);
  }

  RedisStore store() {
    return store;
  }

  /** A store whose leases, tombstones and markers are what the test says. */
  RedisStore store(Duration lease, Duration tombstone, Duration marker) {
    return new RedisStore(tier.link(), layout, 1, lease, tombstone, marker, 7);
  }

  /** A store of a process with another version of the values' schema. */
  RedisStore store(int version) {
    return new RedisStore(tier.link(), layout, version, LONG, LONG, LONG, 8);
  }

  RedisCommands<byte[], byte[]> commands() {
    return commands;
  }

  Layout layout() {
    return layout;
  }

  Layout.Place place() {
    return place;
  }

  /** Those of the whole partition, which other tests have left. */
  void forgetTombstonesOfAll() {
    commands().hdel(layout.control(0), "w".getBytes(UTF_8));
  }

  byte[] name() {
    return place.name();
  }

  static <T> T done(CompletableFuture<T> answer) {
    try {
      return answer.get(20, TimeUnit.SECONDS);
    } catch (Exception failure) {
      throw new AssertionError("the store failed", failure);
    }
  }

  SharedRead read() {
    return done(store.read(place, SharedStore.NO_LEASE, 0));
  }

  SharedRead read(byte[] lease, long draw) {
    return done(store.read(place, lease, draw));
  }

  /** What a plain look says, of a process that knows the partition's epoch. */
  SharedRead peek(Position known) {
    List<byte[]> time = commands.time();
    long millis = 1_000 * number(time.get(0)) + number(time.get(1)) / 1_000;
    SharedRead one = done(store.peek(place, known, millis, 0));
    List<CompletableFuture<SharedRead>> many = store.peekAll(List.of(place, place), 0, 0);
    if (many.size() != 2) {
      throw new AssertionError("answers to two questions: " + many.size());
    }
    many.forEach(OneEntry::done);
    return one;
  }

  private static long number(byte[] digits) {
    return Long.parseLong(new String(digits, UTF_8));
  }

  SharedRead take(byte[] lease) {
    return read(lease, SharedStore.ANY_CASE);
  }

  static SharedValue value(String text, Duration fresh, String... tags) {
    return new SharedValue(
        text.getBytes(UTF_8), fresh.toMillis(), LONG.toMillis(), COST_MICROS, List.of(tags));
  }

  boolean fill(byte[] lease, Position at, SharedValue value) {
    return done(store.fill(place, lease, at, value));
  }

  /** Puts a value there as a load does. */
  void fill(SharedValue value) {
    SharedRead read = take(LEASE);
    if (!fill(LEASE, read.at(), value)) {
      throw new AssertionError("not filled after " + read);
    }
  }

  void release(byte[] lease) {
    store.release(place, lease);
    read(); // commands of one connection are done in order
  }

  Position invalidate(String token, byte[] marker, @Nullable SharedValue value) {
    return done(store.invalidate(place, 1, token, marker, value));
  }

  void mark(byte[] marker) {
    done(store.mark(place, marker));
  }

  Position tag(String tag) {
    return done(store.invalidateTag(0, 2, tag, ""));
  }

  Position begin(Invalidation.Kind kind) {
    return done(store.begin(0, 3, kind, "", 0, 0));
  }

  /** How its value stands, and what becomes of one who wishes to load it in any case. */
  String seen() {
    SharedRead read = take(PROBE);
    if (read.lease() == SharedRead.Lease.TAKEN) {
      release(PROBE);
    }
    String value =
        switch (read.state()) {
          case MISSING, GARBAGE -> "";
          case FRESH -> "FILLED";
          case STALE -> "STALE";
        };
    String rest =
        switch (read.lease()) {
          case TAKEN -> value.isEmpty() ? "EMPTY" : value;
          case HELD ->
              value.isEmpty() ? "LEASED" : value.equals("FILLED") ? "REFRESHING" : "RELOADING";
          case REFUSED -> ("MARKED " + value).strip();
          case NOT_WANTED -> "a wish that was not heard";
        };
    return rest + (read.tombstone() == null ? "" : " under a tombstone");
  }

  /** Waits, and looks often: there are hundreds of tests that do. */
  static ConditionFactory soon() {
    return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
  }

  void awaitState(State state) {
    soon().until(() -> read().state() == state);
  }

  @Override
  public void close() {
    client.shutdown(0, 1, TimeUnit.SECONDS);
    tier.close();
  }
}
