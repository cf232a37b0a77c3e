/**
 * The way to Redis that caches and rate limits have in common. Applications use {@code RedisTier}
 * and {@code RedisLimits}, which are made of this; it may change in any version.
 *
 * <p>{@link io.headroom.redis.RedisCommands} is one connection for scripts, behind a breaker, to
 * whatever {@link io.headroom.redis.RedisAddress} names: one server, what sentinels say is the
 * primary, or a cluster.
 */
@NullMarked
package io.headroom.redis;

import org.jspecify.annotations.NullMarked;
