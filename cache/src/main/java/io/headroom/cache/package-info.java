/**
 * Caching: is the answer already here?
 *
 * <p>The entry type is {@link io.headroom.cache.TieredCache}: it asks the loader once for all who
 * want the same, and never brings back what was invalidated.
 *
 * <pre>{@code
 * TieredCache<Long, Profile> profiles =
 *     TieredCache.<Long, Profile>builder("profile", repository::find).build();
 * }</pre>
 */
@NullMarked
package io.headroom.cache;

import org.jspecify.annotations.NullMarked;
