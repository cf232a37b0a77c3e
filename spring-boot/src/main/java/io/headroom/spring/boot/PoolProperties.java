package io.headroom.spring.boot;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of a HikariCP pool. Immutable.
 *
 * @param maximumSize how many connections a pool has at most; 10 unless set
 * @param minimumIdle how many connections a pool keeps; as many as it has at most unless set
 * @param connectionTimeout how long it may take to get a connection, 0 for ever; 2 s unless set
 * @param validationTimeout how long a connection has to prove alive; 1 s unless set
 * @param idleTimeout after how long an idle connection is closed; 10 min unless set
 * @param maxLifetime how old a connection becomes; 30 min unless set
 * @param keepaliveTime how often an idle connection is asked whether it lives; 2 min unless set
 * @param dataSourceProperties properties of the driver
 */
record PoolProperties(
    @Nullable Integer maximumSize,
    @Nullable Integer minimumIdle,
    @Nullable Duration connectionTimeout,
    @Nullable Duration validationTimeout,
    @Nullable Duration idleTimeout,
    @Nullable Duration maxLifetime,
    @Nullable Duration keepaliveTime,
    @DefaultValue Map<String, String> dataSourceProperties) {}
