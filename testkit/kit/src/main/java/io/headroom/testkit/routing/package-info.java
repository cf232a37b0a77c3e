/**
 * What tests of a replicated set-up need: did anybody read behind his own writes, go back in time,
 * or lose what was acknowledged?
 *
 * <p>The entry type is {@link io.headroom.testkit.routing.HistoryRecorder}, which clients of a test
 * tell what they do; {@link io.headroom.testkit.routing.HistoryChecker} then judges it. {@link
 * io.headroom.testkit.routing.ReplicaModel} is a primary and its replicas in memory, for property
 * tests of whatever chooses among them.
 *
 * <pre>{@code
 * HistoryRecorder history = HistoryRecorder.create();
 * PendingWrite write = history.write("alice", "cart", 7);
 * carts.save("alice", 7);
 * write.acknowledged();
 * PendingRead read = history.read("alice", "cart");
 * read.returned(carts.versionOf("alice"));
 * HistoryChecker.of(history).verify();
 * }</pre>
 */
@NullMarked
package io.headroom.testkit.routing;

import org.jspecify.annotations.NullMarked;
