package io.headroom.benchmarks;

import org.openjdk.jmh.annotations.Threads;

/** {@link KeyedLimit} by two threads at once. */
@Threads(2)
public class LimitKeyedShared extends KeyedLimit {}
