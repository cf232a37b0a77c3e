package io.headroom.cache;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.Layout.Place;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One cache's entries in Redis; {@code common.lua} says how they lie there. Thread-safe. */
final class RedisStore implements SharedStore {

  private static final byte[] NOTHING = {};
  private static final int LOG_LENGTH = 512;
  private static final int MOST_TAGS = 10_000;
  private static final int READ_VALUES = 6;

  /** An epoch is a time in milliseconds and six digits of chance. */
  private static final long EPOCHS_A_MILLI = 1_000_000;

  private final RedisLink link;
  private final Layout layout;
  private final byte[] channel;
  private final byte[] version;
  private final byte[][] peeked;
  private final byte[] leaseMillis;
  private final byte[] tombstoneMillis;
  private final byte[] markerMillis;
  private final byte[] logLength;
  private final byte[] mostTags;
  private final long sender;

  /** Differs from process to process, so that epochs begun in one millisecond do. */
  private final byte[] chance;

  /**
   * Creates it.
   *
   * @param version of the values' schema
   * @param lease how long a load may take
   * @param tombstone how long loads are to see at least what an invalidation says
   * @param marker how long a transaction may take
   * @param sender who is behind what is sent
   */
  RedisStore(
      RedisLink link,
      Layout layout,
      int version,
      Duration lease,
      Duration tombstone,
      Duration marker,
      long sender) {
    this(link, layout, version, lease, tombstone, marker, sender, LOG_LENGTH, MOST_TAGS);
  }

  /**
   * Creates it with bounds of its own.
   *
   * @param logLength how many invalidations of a partition the log has
   * @param mostTags how many invalidated tags of a partition are remembered
   */
  RedisStore(
      RedisLink link,
      Layout layout,
      int version,
      Duration lease,
      Duration tombstone,
      Duration marker,
      long sender,
      int logLength,
      int mostTags) {
    this.link = link;
    this.layout = layout;
    this.channel = layout.channel();
    this.version = number(version);
    this.peeked = new byte[][] {bytes("v" + version), bytes("n")};
    this.leaseMillis = number(lease.toMillis());
    this.tombstoneMillis = number(tombstone.toMillis());
    this.markerMillis = number(marker.toMillis());
    this.sender = sender;
    this.logLength = number(logLength);
    this.mostTags = number(mostTags);
    this.chance =
        bytes(String.format(Locale.ROOT, "%06d", ThreadLocalRandom.current().nextInt(1_000_000)));
  }

  @Override
  public CompletableFuture<SharedRead> read(Place place, byte[] lease, long draw) {
    int partition = place.partition().number();
    byte[][] keys = {layout.control(partition), layout.tags(partition), place.name()};
    return link.run(LuaScript.READ, keys, version, lease, leaseMillis, number(draw), chance)
        .thenApply(reply -> Replies.read(reply, Replies.position(reply), 2));
  }

  @Override
  public CompletableFuture<SharedRead> peek(Place place, Position known, long millis, long draw) {
    return link.peek(place.name(), peeked, new PeekOutput(known, millis, draw));
  }

  @Override
  public List<CompletableFuture<SharedRead>> peekAll(List<Place> places, long draw, long nowNanos) {
    List<byte[]> keys = new ArrayList<>(places.size());
    List<PeekOutput> outputs = new ArrayList<>(places.size());
    for (Place place : places) {
      Partition partition = place.partition();
      keys.add(place.name());
      outputs.add(new PeekOutput(partition.applied(), partition.millis(nowNanos), draw));
    }
    return link.peekAll(keys, peeked, outputs);
  }

  @Override
  public CompletableFuture<List<SharedRead>> readAll(List<Place> places, byte[] lease, long draw) {
    int partition = places.get(0).partition().number();
    byte[][] keys = new byte[places.size() + 2][];
    keys[0] = layout.control(partition);
    keys[1] = layout.tags(partition);
    for (int i = 0; i < places.size(); i++) {
      keys[i + 2] = places.get(i).name();
    }
    return link.run(LuaScript.READ, keys, version, lease, leaseMillis, number(draw), chance)
        .thenApply(
            reply -> {
              Position at = Replies.position(reply);
              List<SharedRead> reads = new ArrayList<>(places.size());
              for (int i = 2; i < reply.size(); i += READ_VALUES) {
                reads.add(Replies.read(reply, at, i));
              }
              return reads;
            });
  }

  @Override
  public CompletableFuture<Boolean> fill(
      Place place, byte[] lease, Position at, SharedValue value) {
    int partition = place.partition().number();
    byte[][] keys = {layout.control(partition), layout.tags(partition), place.name()};
    return link.run(
            LuaScript.FILL,
            keys,
            version,
            lease,
            number(value.freshMillis()),
            number(value.keptMillis()),
            number(value.costMicros()),
            number(at.incarnation()),
            number(at.position()),
            tags(value.tags()),
            value.bytes())
        .thenApply(reply -> Replies.integer(reply.get(0)) == 1);
  }

  @Override
  public void release(Place place, byte[] lease) {
    byte[][] keys = {place.name()};
    var unused = link.run(LuaScript.RELEASE, keys, version, lease);
  }

  @Override
  public CompletableFuture<Position> invalidate(
      Place place, long identity, String token, byte[] marker, @Nullable SharedValue value) {
    int partition = place.partition().number();
    byte[][] keys = {
      layout.control(partition), layout.log(partition), place.name(), layout.tags(partition)
    };
    Invalidation.Kind kind = place.isDigest() ? Invalidation.Kind.LONG_KEY : Invalidation.Kind.KEY;
    List<byte[]> arguments = announcement(partition, identity, kind, Layout.bytes(place.text()));
    arguments.add(tombstoneMillis);
    arguments.add(Layout.bytes(token));
    arguments.add(marker);
    if (value != null) {
      arguments.add(version);
      arguments.add(number(value.freshMillis()));
      arguments.add(number(value.keptMillis()));
      arguments.add(tags(value.tags()));
      arguments.add(value.bytes());
    }
    return link.run(LuaScript.INVALIDATE, keys, arguments.toArray(byte[][]::new))
        .thenApply(Replies::position);
  }

  @Override
  public CompletableFuture<Position> invalidateTag(
      int partition, long identity, String tag, String token) {
    byte[][] keys = {layout.control(partition), layout.log(partition), layout.tags(partition)};
    List<byte[]> arguments =
        announcement(partition, identity, Invalidation.Kind.TAG, Layout.bytes(tag));
    arguments.add(mostTags);
    arguments.add(tombstoneMillis);
    arguments.add(Layout.bytes(token));
    return link.run(LuaScript.TAG, keys, arguments.toArray(byte[][]::new))
        .thenApply(Replies::position);
  }

  private List<byte[]> announcement(
      int partition, long identity, Invalidation.Kind kind, byte[] subject) {
    List<byte[]> arguments = new ArrayList<>();
    arguments.add(chance);
    arguments.add(number(partition));
    arguments.add(channel);
    arguments.add(ByteBuffer.allocate(16).putLong(identity).putLong(sender).array());
    arguments.add(new byte[] {(byte) kind.letter()});
    arguments.add(subject);
    arguments.add(logLength);
    return arguments;
  }

  @Override
  public CompletableFuture<Void> mark(Place place, byte[] marker) {
    byte[][] keys = {place.name()};
    return link.run(LuaScript.MARK, keys, marker, markerMillis).thenApply(reply -> null);
  }

  @Override
  public CompletableFuture<Position> begin(
      int partition,
      long identity,
      Invalidation.Kind kind,
      String token,
      long follows,
      long known) {
    byte[][] keys = {layout.control(partition), layout.log(partition), layout.tags(partition)};
    return link.run(
            LuaScript.EPOCH,
            keys,
            chance,
            number(partition),
            channel,
            ByteBuffer.allocate(16).putLong(identity).putLong(sender).array(),
            new byte[] {(byte) kind.letter()},
            follows == 0 ? NOTHING : number(follows),
            number(known / EPOCHS_A_MILLI),
            tombstoneMillis,
            Layout.bytes(token))
        .thenApply(Replies::position);
  }

  @Override
  public CompletableFuture<SyncAnswer> sync(int partition, Position known) {
    return sync(partition, known, link::run);
  }

  /** The same, to find out whether Redis is there. */
  CompletableFuture<SyncAnswer> probe(int partition, Position known) {
    return sync(partition, known, link::probe);
  }

  @FunctionalInterface
  private interface Runner {
    CompletableFuture<List<Object>> run(LuaScript script, byte[][] keys, byte[]... arguments);
  }

  private CompletableFuture<SyncAnswer> sync(int partition, Position known, Runner runner) {
    byte[][] keys = {layout.control(partition), layout.log(partition)};
    boolean isFirst = known.incarnation() == 0;
    return runner
        .run(
            LuaScript.SYNC,
            keys,
            chance,
            isFirst ? NOTHING : number(known.incarnation()),
            isFirst ? number(-1) : number(known.position()),
            logLength,
            partition == 0 ? number(layout.partitions()) : NOTHING)
        .thenApply(Replies::synced);
  }

  private static byte[] tags(List<String> tags) {
    if (tags.isEmpty()) {
      return NOTHING;
    }
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    for (String tag : tags) {
      joined.writeBytes(Layout.bytes(tag));
      joined.write(0);
    }
    return joined.toByteArray();
  }

  private static byte[] number(long value) {
    return bytes(Long.toString(value));
  }

  private static byte[] bytes(String ascii) {
    return ascii.getBytes(StandardCharsets.ISO_8859_1);
  }
}
