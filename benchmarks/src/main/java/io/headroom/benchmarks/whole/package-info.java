/**
 * Headroom's layers put together as a service has them, so that what a request pays for all of them
 * can be measured.
 *
 * <p>Entry types: {@link io.headroom.benchmarks.whole.Door}, {@link
 * io.headroom.benchmarks.whole.ShardedReads}.
 */
@NullMarked
package io.headroom.benchmarks.whole;

import org.jspecify.annotations.NullMarked;
