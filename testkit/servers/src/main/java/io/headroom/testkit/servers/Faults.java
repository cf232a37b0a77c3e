package io.headroom.testkit.servers;

import java.io.IOException;
import java.net.SocketException;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.BooleanSupplier;

/** The faults of a {@link FaultProxy} at this moment. Thread-safe. */
final class Faults {

  private static final long CLOSED_CHECK_MILLIS = 50;

  private final Set<FaultProxy.Direction> held = EnumSet.noneOf(FaultProxy.Direction.class);
  private volatile long latencyNanos;
  private volatile long jitterNanos;
  private volatile long bytesPerSecond;

  Faults() {
    bytesPerSecond = Long.MAX_VALUE;
  }

  void latency(long nanos) {
    latencyNanos = nanos;
  }

  void jitter(long nanos) {
    jitterNanos = nanos;
  }

  void bandwidth(long limit) {
    bytesPerSecond = limit;
  }

  boolean isNarrow() {
    return bytesPerSecond != Long.MAX_VALUE;
  }

  long bytesPerSecond() {
    return bytesPerSecond;
  }

  /**
   * How long bytes are on their way.
   *
   * @param share which part of the jitter is theirs, from 0 to 1
   */
  long delayNanos(FaultProxy.Direction direction, double share) {
    return direction == FaultProxy.Direction.TO_CLIENT
        ? latencyNanos + (long) (share * jitterNanos)
        : 0;
  }

  synchronized void hold(FaultProxy.Direction direction) {
    held.addAll(
        direction == FaultProxy.Direction.BOTH
            ? EnumSet.of(FaultProxy.Direction.TO_SERVER, FaultProxy.Direction.TO_CLIENT)
            : EnumSet.of(direction));
  }

  synchronized void clear() {
    latencyNanos = 0;
    jitterNanos = 0;
    bytesPerSecond = Long.MAX_VALUE;
    held.clear();
    notifyAll();
  }

  /** Waits while bytes are held back; fails if the connection is closed by then. */
  synchronized void awaitPassage(FaultProxy.Direction direction, BooleanSupplier isClosed)
      throws IOException {
    while (held.contains(direction) && !isClosed.getAsBoolean()) {
      try {
        wait(CLOSED_CHECK_MILLIS);
      } catch (InterruptedException interruption) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", interruption);
      }
    }
    if (isClosed.getAsBoolean()) {
      throw new SocketException("closed");
    }
  }

  @Override
  public synchronized String toString() {
    return "latencyNanos="
        + latencyNanos
        + ", jitterNanos="
        + jitterNanos
        + ", bytesPerSecond="
        + (bytesPerSecond == Long.MAX_VALUE ? "unlimited" : Long.toString(bytesPerSecond))
        + ", held="
        + held;
  }
}
