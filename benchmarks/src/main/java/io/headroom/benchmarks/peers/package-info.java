/**
 * Ours and its peers, each reduced to what they are compared in: a connection to the shard of an
 * id, or the position of a key's shard.
 */
@NullMarked
package io.headroom.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
