package io.headroom.sharding;

import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.LazyDataSource;
import java.sql.SQLException;
import java.sql.SQLNonTransientException;

/** A sharded data source for one key: each connection goes to the shard that owns the key then. */
final class KeyView extends LazyDataSource {

  static final String UNKNOWN_KEY_STATE = "SHK02";

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
    RouterSnapshot<?> now = whole.router().snapshot();
    int slot = now == firstSnapshot ? firstSlot : slotIn(now);
    return whole.borrow(now.map(), slot, now.ordinalOfSlot(slot), request);
  }

  /** Binds as above, in the name of a scope. */
  Binding bind(BindRequest request, ScopedConnection scoped) throws SQLException {
    RouterSnapshot<?> now = whole.router().snapshot();
    int slot = now == firstSnapshot ? firstSlot : slotIn(now);
    int ordinal = now.ordinalOfSlot(slot);
    scoped.boundTo(now.map().shardAt(ordinal).id());
    return whole.borrow(now.map(), slot, ordinal, request).within(scoped);
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
