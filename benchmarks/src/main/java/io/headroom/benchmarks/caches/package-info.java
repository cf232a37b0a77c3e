/**
 * Caches on Redis beside each other, each reduced to what they are compared in: to get a profile,
 * from this process, from Redis or from its source, and to invalidate it.
 *
 * <p>Entry type: {@link io.headroom.benchmarks.caches.CacheContender}.
 */
@NullMarked
package io.headroom.benchmarks.caches;

import org.jspecify.annotations.NullMarked;
