/**
 * The laws of shard routing as a contract that any router can be held to.
 *
 * <p>The entry type is {@code ShardRouterContract}.
 */
@NullMarked
package io.headroom.testkit.sharding;

import org.jspecify.annotations.NullMarked;
