/**
 * A service with all of Headroom's layers, at 60 % of what it can do, for twenty minutes in which
 * its servers fail at random: what it keeps of memory and threads, and when it fails.
 *
 * <p>Entry type: {@link io.headroom.benchmarks.soak.Soak}.
 */
@NullMarked
package io.headroom.benchmarks.soak;

import org.jspecify.annotations.NullMarked;
