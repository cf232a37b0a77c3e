package io.headroom.benchmarks;

import org.openjdk.jmh.annotations.Threads;

/** {@link KeyedLimit} by one thread. */
@Threads(1)
public class LimitKeyed extends KeyedLimit {}
