package io.headroom.spring.boot;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * All that is below {@code headroom}. A key that is not known there stops the start. Immutable.
 *
 * @param name the service's name, as the buckets of its limits in Redis are called;
 *     spring.application.name unless set
 * @param database the databases, their pools, replicas and shards
 * @param guard bounds who waits for a connection, and sheds what a pool cannot do
 * @param redis what caches and limits share
 * @param caches caches behind Spring's cache annotations, by name
 * @param limits how many requests are admitted, by the limit's name
 * @param request what is known of each HTTP request
 * @param observations what is observed
 */
@ConfigurationProperties(prefix = "headroom", ignoreUnknownFields = false)
record HeadroomProperties(
    @Nullable String name,
    @NestedConfigurationProperty @Nullable DatabaseProperties database,
    @NestedConfigurationProperty @DefaultValue GuardProperties guard,
    @NestedConfigurationProperty @DefaultValue RedisProperties redis,
    @DefaultValue Map<String, CacheProperties> caches,
    @DefaultValue Map<String, LimitProperties> limits,
    @NestedConfigurationProperty @DefaultValue RequestProperties request,
    @NestedConfigurationProperty @DefaultValue ObservationProperties observations) {}
