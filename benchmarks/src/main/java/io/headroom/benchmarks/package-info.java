/**
 * JMH benchmarks, each beside its peers, and the runner that puts their figures into
 * docs/benchmarks.md.
 *
 * <p>Entry type: {@link io.headroom.benchmarks.RunBenchmarks}.
 *
 * <pre>{@code
 * mvn -q -Pbenchmarks -Dbench=RouteLong
 * }</pre>
 *
 * <p>Not {@code @NullMarked}: JMH fills parameters and state by reflection.
 */
package io.headroom.benchmarks;
