package io.headroom.benchmarks;

import org.openjdk.jmh.annotations.Threads;

/** {@link SingleLimit} by two threads at once. */
@Threads(2)
public class LimitShared extends SingleLimit {}
