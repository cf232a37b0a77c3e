package io.headroom.routing;

/**
 * One answer of a node to the monitor. It speaks for the time it began at, and for connections that
 * were open by then.
 *
 * @param beganNanos when the question was sent, by the {@link io.headroom.TimeSource}
 * @param endedNanos when the answer was there
 * @param status the answer
 */
record Sample(long beganNanos, long endedNanos, NodeStatus status) {}
