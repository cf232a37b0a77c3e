package io.headroom.testkit.servers;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

/**
 * Carries bytes from one socket to another, as late and as slowly as the faults of the moment say.
 *
 * <p>A delay line on one thread: what has been read waits in a queue until it is due, and the time
 * until then is spent in reading more. So latency does not cost throughput, as it would if each
 * piece were slept on. Not thread-safe.
 */
final class Pump {

  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int LINE_BYTES = 4 * 1024 * 1024;
  private static final long RECHECK_NANOS = 10_000_000;
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** In how many pieces a narrow network delivers what it can in a second. */
  private static final int PIECES_PER_SECOND = 50;

  private final FaultProxy.Direction direction;
  private final Socket from;
  private final Socket to;
  private final Faults faults;
  private final Queue<Chunk> line = new ArrayDeque<>();
  private final byte[] buffer = new byte[CHUNK_BYTES];
  private int lineBytes;
  private long narrowUntil = System.nanoTime();

  /** Bytes on their way: when they came, and their share of the jitter. */
  private record Chunk(ByteArrayInputStream bytes, long cameNanos, double jitterShare) {}

  Pump(FaultProxy.Direction direction, Socket from, Socket to, Faults faults) {
    this.direction = direction;
    this.from = from;
    this.to = to;
    this.faults = faults;
  }

  /** Carries until the sender ends its half of the connection, and then ends it at the receiver. */
  void carry() throws IOException {
    boolean open = true;
    while (open || !line.isEmpty()) {
      faults.awaitPassage(direction, from::isClosed);
      long wait = nanosUntilDue();
      if (wait <= 0) {
        deliver();
      } else if (open && hasRoom()) {
        open = read(wait);
      } else {
        LockSupport.parkNanos(Math.min(wait, RECHECK_NANOS));
      }
    }
    to.shutdownOutput();
  }

  private long nanosUntilDue() {
    Chunk first = line.peek();
    if (first == null) {
      return Long.MAX_VALUE;
    }
    long now = System.nanoTime();
    long due = first.cameNanos() + faults.delayNanos(direction, first.jitterShare()) - now;
    return faults.isNarrow() ? Math.max(due, narrowUntil - now) : due;
  }

  /** Whether more can be on the way; if not, the sender notices, as it does on a real network. */
  private boolean hasRoom() {
    return lineBytes < Math.min(LINE_BYTES, piece());
  }

  /** How many bytes pass at a time. */
  private int piece() {
    long piece = faults.bytesPerSecond() / PIECES_PER_SECOND;
    return (int) Math.max(1, Math.min(Integer.MAX_VALUE, piece));
  }

  private void deliver() throws IOException {
    ByteArrayInputStream bytes = line.element().bytes();
    int count = Math.min(bytes.available(), piece());
    long now = System.nanoTime();
    // A piece that is a little late does not slow down those after it.
    long late = now - narrowUntil;
    long start = late < NANOS_PER_SECOND / PIECES_PER_SECOND ? narrowUntil : now;
    narrowUntil = start + count * NANOS_PER_SECOND / faults.bytesPerSecond();
    to.getOutputStream().write(bytes.readNBytes(count));
    lineBytes -= count;
    if (bytes.available() == 0) {
      line.remove();
    }
  }

  /** Reads what is there, waiting no longer than until something is due; false at the end. */
  private boolean read(long wait) throws IOException {
    long millis = Math.max(1, Math.min(wait, RECHECK_NANOS) / NANOS_PER_MILLI);
    from.setSoTimeout(line.isEmpty() ? 0 : (int) millis);
    InputStream in = from.getInputStream();
    int count;
    try {
      count = in.read(buffer);
    } catch (SocketTimeoutException due) {
      return true;
    }
    if (count < 0) {
      return false;
    }
    ByteArrayInputStream bytes = new ByteArrayInputStream(Arrays.copyOf(buffer, count));
    line.add(new Chunk(bytes, System.nanoTime(), ThreadLocalRandom.current().nextDouble()));
    lineBytes += count;
    return true;
  }
}
