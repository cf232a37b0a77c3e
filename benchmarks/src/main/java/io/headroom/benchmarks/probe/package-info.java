/**
 * What JMH does not measure, each in JVMs of its own: heap, start-up, class path, and the small
 * difference between two contenders that take turns.
 *
 * <p>Entry type: {@link io.headroom.benchmarks.probe.ChildJvm}, which runs a probe's {@code main}
 * and reads the figures that it prints.
 */
@NullMarked
package io.headroom.benchmarks.probe;

import org.jspecify.annotations.NullMarked;
