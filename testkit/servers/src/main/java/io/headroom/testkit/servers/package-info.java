/**
 * Real PostgreSQL and Redis servers for tests, from binaries in jars: no Docker, no installation,
 * root or not. {@link io.headroom.testkit.servers.PostgresCluster} is the entry type:
 *
 * <pre>{@code
 * try (PostgresCluster cluster = PostgresCluster.start(2)) {
 *   DataSource orders = cluster.server(0).createDatabase("orders");
 *   cluster.server(1).kill();
 *   cluster.server(1).restart();
 * }
 * }</pre>
 *
 * Primaries can have streaming replicas, which lag, are promoted and cloned again on demand; {@link
 * io.headroom.testkit.servers.FaultProxy} makes the network to a server bad.
 *
 * <p>{@link io.headroom.testkit.servers.RedisServer} is a Redis alone or with replicas, {@link
 * io.headroom.testkit.servers.RedisCluster} a Redis Cluster, and {@link
 * io.headroom.testkit.servers.RedisSentinels} a primary with replicas and sentinels.
 *
 * <p>In JUnit 5, {@link io.headroom.testkit.servers.PostgresExtension} hands out shared servers
 * with a fresh database for each test class, and {@link io.headroom.testkit.servers.RedisExtension}
 * the same of Redis, emptied after each class.
 */
@NullMarked
package io.headroom.testkit.servers;

import org.jspecify.annotations.NullMarked;
