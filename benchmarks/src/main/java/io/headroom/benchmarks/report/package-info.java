/**
 * Turns measurements into the tables of docs/benchmarks.md.
 *
 * <p>Entry type: {@link io.headroom.benchmarks.report.BenchmarkPage}, the page whose sections are
 * replaced one group at a time.
 *
 * <pre>{@code
 * BenchmarkPage page = BenchmarkPage.read(file);
 * page.put(group, samples, origin);
 * page.write(file, groupsInOrder);
 * }</pre>
 */
@NullMarked
package io.headroom.benchmarks.report;

import org.jspecify.annotations.NullMarked;
