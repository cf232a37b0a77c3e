package io.headroom.sharding;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.LazyDataSource;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;
import org.jspecify.annotations.Nullable;

/** A sharded data source for one key: each connection goes to the shard that owns the key then. */
final class KeyView extends LazyDataSource {

  static final String UNKNOWN_KEY_STATE = "SHK02";

  /** How often one call borrows before it gives up on a slot that changes each time. */
  private static final int MAX_ATTEMPTS = 3;

  private final ShardedDataSource whole;
  private final Object key;
  private final RouterSnapshot<?> firstSnapshot;
  private final int firstSlot;

  /** Looks the key up at once, so that a key of the wrong kind fails where it was given. */
  KeyView(ShardedDataSource whole, Object key) {
    super(whole);
    this.whole = whole;
    this.key = key instanceof byte[] bytes ? bytes.clone() : key; // the caller may reuse his
    this.firstSnapshot = whole.router().snapshot();
    this.firstSlot = KeyReader.slotOf(firstSnapshot, key);
  }

  @Override
  public Binding bind(BindRequest request) throws SQLException {
    return bind(request, null);
  }

  /**
   * Binds in the name of a scope, if there is one. A pool may let its callers wait while the slot
   * moves on; then the connection goes back unused, and the map that is in force now decides.
   */
  Binding bind(BindRequest request, @Nullable ScopedConnection scoped) throws SQLException {
    RouterSnapshot<?> now = whole.router().snapshot();
    for (int attempt = 1; ; attempt++) {
      int slot = now == firstSnapshot ? firstSlot : slotIn(now);
      int ordinal = now.ordinalOfSlot(slot);
      Binding binding = whole.borrow(now.map(), slot, ordinal, request);
      RouterSnapshot<?> after = whole.router().snapshot();
      if (after == now || request.forMetadata() || isTheSame(now, after, slot, ordinal)) {
        if (scoped == null) {
          return binding;
        }
        scoped.boundTo(now.map().shardAt(ordinal).id());
        return binding.within(scoped);
      }
      binding.giveBack();
      if (attempt == MAX_ATTEMPTS) {
        throw movedOn(now.map(), slot, ordinal, after.map());
      }
      now = after;
    }
  }

  /** Whether a later map says the same of the slot that a connection was borrowed for. */
  private boolean isTheSame(
      RouterSnapshot<?> before, RouterSnapshot<?> after, int slot, int ordinal) {
    try {
      if (KeyReader.slotOf(after, key) != slot) {
        return false;
      }
    } catch (ShardingException | IllegalArgumentException e) {
      return false; // the next attempt says so
    }
    String owner = after.map().shardAt(after.ordinalOfSlot(slot)).id();
    return owner.equals(before.map().shardAt(ordinal).id())
        && after.map().slotVersion(slot) == before.map().slotVersion(slot);
  }

  private SQLException movedOn(ShardMap map, int slot, int ordinal, ShardMap after) {
    String shardId = map.shardAt(ordinal).id();
    whole.router().listeners().onStale(shardId, map.epoch());
    return new StaleShardMapException(
        "slot "
            + slot
            + " changed in the map while a connection to shard '"
            + shardId
            + "' was waited for, "
            + MAX_ATTEMPTS
            + " times in a row (epoch "
            + after.epoch()
            + " is in force now): retry the transaction shortly, and look why the pool of that"
            + " shard is used up",
        shardId,
        slot,
        map.epoch(),
        null);
  }

  private int slotIn(RouterSnapshot<?> now) throws SQLException {
    try {
      return KeyReader.slotOf(now, key);
    } catch (ShardingException | IllegalArgumentException e) {
      throw new SQLNonTransientException(e.getMessage(), UNKNOWN_KEY_STATE, e);
    }
  }

  /** The shard that owns the key now. */
  Shard shard() {
    RouterSnapshot<?> now = whole.router().snapshot();
    return now.map().shardAt(now.ordinalOfSlot(KeyReader.slotOf(now, key)));
  }

  @Override
  public String toString() {
    return whole + " for one key in slot " + firstSlot;
  }
}
