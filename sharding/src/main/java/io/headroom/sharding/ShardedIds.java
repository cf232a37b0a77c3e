package io.headroom.sharding;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransientException;
import java.util.BitSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * Makes 64-bit ids that carry their slot, so that the id alone says which shard a row is on.
 *
 * <pre>{@code
 * ShardedIds ids = ShardedIds.of(sharded);
 * ids.createOnEveryShard(); // once, with the schema
 * long orderId = ids.nextIdFor(userId); // on the user's shard, in the user's slot
 * Shard shard = ids.shardOf(orderId); // later, without the user id
 * }</pre>
 *
 * <p>An id is {@code (value << 14) | slot}: the value comes from a sequence in the slot's own
 * shard, taken in blocks, so that most ids cost no round trip. Ids of one shard grow roughly with
 * time. No clock is read, so a clock that steps back, or a restart, cannot repeat an id; a restart
 * only leaves the rest of its blocks unused. 2<sup>49</sup> values a shard last for 17,000 years at
 * a thousand a millisecond.
 *
 * <p><b>When a slot moves</b>, logical replication does not carry the sequence along. {@link
 * #carryOver} does, and has to run at cut-over, after the source is fenced and before the new owner
 * is published: it marks the slot as gone in the source's database and lifts the target's sequence
 * above the source's. An instance that still holds the old map finds the mark when it next takes a
 * block there; it reloads the map, and where that does not help the call fails rather than risk an
 * id twice.
 *
 * <p>Ids carry hashed slots, 14 bits of them: the map must have 16,384 slots, without regions, and
 * a pinned key gets none, since its slot is beyond the hashed ones.
 *
 * <p>Thread-safe.
 */
public final class ShardedIds {

  /** How many of an id's lowest bits hold the slot. */
  public static final int SLOT_BITS = 14;

  private static final int SLOTS = 1 << SLOT_BITS;
  private static final long MAX_VALUE = (1L << (Long.SIZE - 1 - SLOT_BITS)) - 1;
  private static final int DEFAULT_BLOCK = 1_000;
  private static final int MAX_BLOCK = 1_000_000;
  private static final String UNDEFINED_TABLE = "42P01";
  private static final String DEFAULT_SEQUENCE = "headroom_ids";
  private static final Pattern PLAIN_NAME = Pattern.compile("[a-z_][a-z0-9_]{0,50}");

  private final ShardedDataSource sharded;
  private final IdSequence sequence;
  private final Map<String, ShardBlock> blocks = new ConcurrentHashMap<>();

  private ShardedIds(ShardedDataSource sharded, String sequence) {
    this.sharded = Objects.requireNonNull(sharded, "sharded must not be null");
    if (!PLAIN_NAME.matcher(sequence).matches()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "sequence name '%s': give 1 to 51 of a-z, 0-9 and _, not beginning with a digit",
              sequence));
    }
    this.sequence = new IdSequence(sequence);
    checkedMap();
  }

  /**
   * Ids from the sequence {@code headroom_ids} of each shard.
   *
   * @param sharded the shards; stays the caller's to close
   * @return an id generator
   * @throws ShardMapException if the map has not 16,384 hashed slots, or has regions
   */
  public static ShardedIds of(ShardedDataSource sharded) {
    return new ShardedIds(sharded, DEFAULT_SEQUENCE);
  }

  /**
   * Ids from a sequence of another name: two tables that need not share ids can have one each.
   *
   * @param sharded the shards; stays the caller's to close
   * @param sequence the sequence's name, the same on every shard: lower-case letters, digits,
   *     {@code _}
   * @return an id generator
   * @throws IllegalArgumentException if the name is not plain
   * @throws ShardMapException if the map has not 16,384 hashed slots, or has regions
   */
  public static ShardedIds of(ShardedDataSource sharded, String sequence) {
    return new ShardedIds(sharded, sequence);
  }

  /**
   * The slot that an id carries.
   *
   * @param id an id made here
   * @return its slot, from 0 to 16,383
   * @throws IllegalArgumentException if the id is not positive, and so was not made here
   */
  public static int slotOf(long id) {
    if (id <= 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "id %d is not from ShardedIds: those are above 0", id));
    }
    return (int) (id & (SLOTS - 1));
  }

  /**
   * Creates the sequence, with blocks of 1,000, and the table of moved slots on every shard where
   * they are missing.
   *
   * @throws SQLException if a shard refuses; the shards before it have theirs
   */
  public void createOnEveryShard() throws SQLException {
    createOnEveryShard(DEFAULT_BLOCK);
  }

  /**
   * Creates the sequence and the table of moved slots on every shard where they are missing.
   *
   * @param blockSize how many ids an instance takes at a time, from 1 to 1,000,000; where the
   *     sequence exists already, its own block size stays
   * @throws SQLException if a shard refuses; the shards before it have theirs
   */
  public void createOnEveryShard(int blockSize) throws SQLException {
    if (blockSize < 1 || blockSize > MAX_BLOCK) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "blockSize %d: give 1 to %,d ids a block", blockSize, MAX_BLOCK));
    }
    for (Shard shard : sharded.router().map().shards()) {
      try (Connection connection = connect(shard.id())) {
        sequence.create(connection, blockSize, MAX_VALUE);
      }
    }
  }

  /**
   * A new id in the slot of a key, so that the row it names is on the key's shard.
   *
   * @param key the shard key that the row belongs to
   * @return an id that no other call has had, on any instance
   * @throws SQLException if the shard's sequence cannot be asked, is used up, or the slot has moved
   *     and the new owner is not known here yet (an {@link SQLTransientException}: retry)
   * @throws UnknownKeyException if the key is pinned, so that an id could not carry its slot
   * @throws ShardMapException if the map has not 16,384 slots any more
   */
  public long nextIdFor(Object key) throws SQLException {
    int slot = sharded.router().slotForObject(key);
    if (slot >= ShardMap.FIRST_PINNED_SLOT) {
      throw new UnknownKeyException(
          String.format(
                  Locale.ROOT,
                  "key '%s' is pinned to slot %d, which an id cannot carry (it has %d bits for the"
                      + " slot): give",
                  key,
                  slot,
                  SLOT_BITS)
              + " the rows of pinned keys ids from a sequence of their own");
    }
    return nextIn(slot);
  }

  /**
   * A new id in any slot, for rows whose own id is the shard key ({@link
   * ShardStrategy#slotInId()}). The slots are drawn evenly, so shards fill by their weight.
   *
   * @return an id that no other call has had, on any instance
   * @throws SQLException as {@link #nextIdFor}
   */
  public long nextId() throws SQLException {
    return nextIn(ThreadLocalRandom.current().nextInt(SLOTS));
  }

  /**
   * The shard that a row is on, by its id alone.
   *
   * @param id an id made here
   * @return the owner of the id's slot
   * @throws IllegalArgumentException if the id is not positive
   * @throws ShardMapException if the map has not 16,384 slots any more: after a doubling an id does
   *     not say which half of its slot the row is in
   */
  public Shard shardOf(long id) {
    return checkedMap().ownerOf(slotOf(id));
  }

  /**
   * Carries a slot's place in the sequence from one shard to another, as part of moving the slot:
   * after writes to it are fenced, and before the map with the new owner is published. Running it
   * again does no harm.
   *
   * @param slot the slot that moves, from 0 to 16,383
   * @param from the id of the shard that has it
   * @param to the id of the shard that gets it
   * @throws SQLException if either shard cannot be asked; the move must not be completed then
   */
  public void carryOver(int slot, String from, String to) throws SQLException {
    Objects.checkIndex(slot, SLOTS);
    long above;
    try (Connection source = connect(from)) {
      // In this order: whoever takes a block after the mark sees it, whoever took one before is
      // below the position that is read now.
      sequence.markMoved(source, slot);
      above = sequence.position(source);
    }
    try (Connection target = connect(to)) {
      sequence.liftAbove(target, above, slot);
    }
  }

  private long nextIn(int slot) throws SQLException {
    for (int attempt = 0; ; attempt++) {
      ShardMap map = checkedMap();
      String shard = map.ownerOf(slot).id();
      ShardBlock block = blocks.computeIfAbsent(shard, id -> new ShardBlock());
      long value = block.next(slot, shard, map.epoch());
      if (value >= 0) {
        return (value << SLOT_BITS) | slot;
      }
      if (attempt > 0 || !sharded.router().refresh()) {
        throw new SQLTransientException(
            String.format(
                Locale.ROOT,
                "slot %d has moved away from shard '%s', but the map here (epoch %d) says it is"
                    + " there: no id is made, since it could be made twice; publish the new map, or"
                    + " retry when it has arrived",
                slot,
                shard,
                map.epoch()),
            StaleShardMapException.SQL_STATE);
      }
    }
  }

  private ShardMap checkedMap() {
    ShardMap map = sharded.router().map();
    if (map.slotCount() != SLOTS || !map.regions().isEmpty()) {
      throw new ShardMapException(
          String.format(
              Locale.ROOT,
              "ids carry %d bits of slot, so the map must have %,d slots and no regions; it has %,d"
                  + " slots and regions %s: use another id scheme for it",
              SLOT_BITS,
              SLOTS,
              map.slotCount(),
              map.regions()));
    }
    return map;
  }

  private Connection connect(String shard) throws SQLException {
    Connection connection = sharded.forShard(shard).getConnection();
    // whatever the pool's default: a mark that is rolled back on return would let ids be made
    // twice, and the mark must be read by a later snapshot than the block's
    connection.setAutoCommit(true);
    return connection;
  }

  /** Names the sequence. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "ShardedIds[sequence=%s, %s]", sequence.name(), sharded);
  }

  private SQLException missingOn(String shard, SQLException e) {
    return new SQLSyntaxErrorException(
        "shard '"
            + shard
            + "' lacks the sequence '"
            + sequence.name()
            + "' or its table of moved slots. Call createOnEveryShard() once, with the schema, or"
            + " run there: "
            + String.join("; ", sequence.ddl(DEFAULT_BLOCK, MAX_VALUE))
            + ". The search_path must lead to them",
        UNDEFINED_TABLE,
        e);
  }

  /** The block of one shard that this instance is using up. */
  private final class ShardBlock {

    private long next;
    private long end;
    private long epoch = -1;
    private BitSet moved = new BitSet();

    /** A value for a slot, or -1 if the shard's database says that the slot has moved away. */
    synchronized long next(int slot, String shard, long mapEpoch) throws SQLException {
      // A block from before a map change may lie below the position that a slot brought along.
      if (next == end || mapEpoch > epoch) {
        take(shard, mapEpoch);
      }
      if (moved.get(slot)) {
        // It may have come back since this block was taken.
        take(shard, mapEpoch);
        if (moved.get(slot)) {
          return -1;
        }
      }
      return next++;
    }

    private void take(String shard, long mapEpoch) throws SQLException {
      try (Connection connection = connect(shard)) {
        IdSequence.Block taken = sequence.take(connection, MAX_VALUE);
        next = taken.first();
        end = taken.end();
        moved = taken.moved();
        epoch = mapEpoch;
      } catch (SQLException e) {
        throw UNDEFINED_TABLE.equals(e.getSQLState()) ? missingOn(shard, e) : e;
      }
    }
  }
}
