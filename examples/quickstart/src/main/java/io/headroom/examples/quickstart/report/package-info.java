/**
 * A run of the quickstart as one page that opens without a network: what was claimed and measured,
 * and what happened when.
 *
 * <pre>{@code
 * ReportPage.write(report, Path.of("target/quickstart.html"));
 * }</pre>
 */
@NullMarked
package io.headroom.examples.quickstart.report;

import org.jspecify.annotations.NullMarked;
