/**
 * Read/write replica routing: which copy of the data does this work run on?
 *
 * <p>The entry type is {@link io.headroom.routing.ReplicaDataSource}: a data source over one
 * primary and its replicas.
 *
 * <pre>{@code
 * ReplicaDataSource orders =
 *     ReplicaDataSource.builder("orders").primary("a", poolA).replica("b", poolB).build();
 * }</pre>
 */
@NullMarked
package io.headroom.routing;

import org.jspecify.annotations.NullMarked;
