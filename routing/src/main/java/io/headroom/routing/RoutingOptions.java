package io.headroom.routing;

import io.headroom.LoadSignal;
import io.headroom.Spans;
import io.headroom.TimeSource;
import org.jspecify.annotations.Nullable;

/**
 * What a builder was told, checked. Immutable.
 *
 * @param cluster the data source's name
 * @param nodes what was said of each node
 * @param localZone where this process runs, null if zones do not matter
 * @param consistency what reads ask for by default
 * @param probe how servers are asked
 * @param monitoring how often, and how long
 * @param waits how long callers are held
 * @param spillPerSecond reads that the primary takes for its replicas
 * @param loadSignal what the guards say
 * @param listener who wants to hear
 * @param spans what stands around failovers
 * @param probeThreads who asks the servers, null for threads of its own
 * @param timelines what remembers timelines, null for nothing
 * @param time the clock
 */
record RoutingOptions(
    String cluster,
    NodeList nodes,
    @Nullable String localZone,
    Consistency consistency,
    ReplicationProbe probe,
    MonitorSettings monitoring,
    Routes.Waits waits,
    double spillPerSecond,
    LoadSignal loadSignal,
    SafeListener listener,
    Spans spans,
    @Nullable ProbeThreads probeThreads,
    @Nullable TimelineStore timelines,
    TimeSource time) {}
