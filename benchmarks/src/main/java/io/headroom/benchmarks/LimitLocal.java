package io.headroom.benchmarks;

import org.openjdk.jmh.annotations.Threads;

/** {@link SingleLimit} by one thread. */
@Threads(1)
public class LimitLocal extends SingleLimit {}
