package io.headroom.sharding;

import io.headroom.jdbc.ConnectionHooks;
import java.sql.SQLException;

/** What one borrowed connection knows of the way it came: told to whom a fence turns away. */
final class ShardHooks implements ConnectionHooks {

  private final ShardRouter<?> router;
  private final Shard shard;
  private final int slot;
  private final long mapEpoch;

  ShardHooks(ShardRouter<?> router, Shard shard, int slot, long mapEpoch) {
    this.router = router;
    this.shard = shard;
    this.slot = slot;
    this.mapEpoch = mapEpoch;
  }

  @Override
  public SQLException onError(SQLException failure) {
    if (!StaleShardMapException.SQL_STATE.equals(failure.getSQLState())
        || failure instanceof StaleShardMapException) {
      return failure;
    }
    router.listeners().onStale(shard.id(), mapEpoch);
    boolean newer = router.refreshBeyond(mapEpoch);
    return new StaleShardMapException(
        "shard '"
            + shard.id()
            + "' turned the statement away"
            + (slot < 0 ? "" : ": slot " + slot + " is not its own any more")
            + ". The map that led there has epoch "
            + mapEpoch
            + "; "
            + (newer
                ? "epoch " + router.map().epoch() + " is in force now: retry the transaction"
                : "no newer one was found yet: retry the transaction shortly"),
        shard.id(),
        slot,
        mapEpoch,
        failure);
  }
}
