/**
 * Rate limits beside each other: the same rate as each contender wants it said, and whose turn it
 * is.
 *
 * <p>Entry type: {@link io.headroom.benchmarks.limits.Rate}.
 */
@NullMarked
package io.headroom.benchmarks.limits;

import org.jspecify.annotations.NullMarked;
