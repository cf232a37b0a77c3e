package io.headroom.spring.boot;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The servers of one shard. Immutable.
 *
 * @param primary the server that takes writes
 * @param replicas servers to read from, by name
 */
record ShardProperties(
    @NestedConfigurationProperty @Nullable NodeProperties primary,
    @DefaultValue Map<String, NodeProperties> replicas) {}
