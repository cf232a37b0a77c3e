/**
 * Shard routing: which shard owns this key?
 *
 * <p>The entry type is {@link io.headroom.sharding.ShardRouter}: a strategy (key to slot) over a
 * {@link io.headroom.sharding.ShardMap} (slot to shard).
 *
 * <pre>{@code
 * ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of("a", "b", "c", "d"));
 * Shard home = router.shardFor(42L);
 * }</pre>
 */
@NullMarked
package io.headroom.sharding;

import org.jspecify.annotations.NullMarked;
