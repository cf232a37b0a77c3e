/**
 * Ours and its peers over one primary and its replicas, each reduced to what they are compared in:
 * a connection on which a read-only transaction runs on a replica.
 *
 * <p>Entry type: {@link io.headroom.benchmarks.reads.ReadContender}.
 */
@NullMarked
package io.headroom.benchmarks.reads;

import org.jspecify.annotations.NullMarked;
