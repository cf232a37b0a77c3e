package io.headroom.spring.boot;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One database, with replicas or without, or several shards of such. What is said here of user and
 * pool holds for every server that says nothing else. Immutable.
 *
 * @param enabled whether any of this is used; for profiles that do without
 * @param name the cluster's name, in tokens, meters and load levels; the same in all services that
 *     pass tokens on. Shards have their own names
 * @param username user of all servers
 * @param password password of all servers
 * @param pool settings of the pools of all servers
 * @param primary the server that takes writes
 * @param replicas servers to read from, by name
 * @param shards shards in the place of primary and replicas, by name
 * @param routing how replicas are chosen
 * @param sharding how keys find their shard
 * @param migrations how the schema is migrated at the start
 * @param drift what is done about shards whose schemas differ
 */
record DatabaseProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("database") String name,
    @Nullable String username,
    @Nullable String password,
    @NestedConfigurationProperty @DefaultValue PoolProperties pool,
    @NestedConfigurationProperty @Nullable NodeProperties primary,
    @DefaultValue Map<String, NodeProperties> replicas,
    @DefaultValue Map<String, ShardProperties> shards,
    @NestedConfigurationProperty @DefaultValue RoutingProperties routing,
    @NestedConfigurationProperty @DefaultValue ShardingProperties sharding,
    @NestedConfigurationProperty @DefaultValue MigrationProperties migrations,
    @NestedConfigurationProperty @DefaultValue DriftProperties drift) {

  /** Leaves the password out, which is secret. */
  @Override
  public String toString() {
    return "DatabaseProperties["
        + name
        + ", primary "
        + primary
        + ", replicas "
        + replicas
        + ", shards "
        + shards
        + "]";
  }
}
