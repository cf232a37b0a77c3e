package io.headroom.sharding;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread of a watched store: reads it at intervals with jitter, and tells the observers. It
 * runs while somebody watches.
 */
final class StorePoller implements AutoCloseable {

  /** What a store lends to its poller. All calls come from the one thread. */
  interface Source {

    /**
     * Reads the map if it is not the one of a stamp.
     *
     * @param seen the stamp of the last reading, null at first
     */
    Reading read(@Nullable Object seen);

    /** Waits until {@code nanos} have passed, or the map may have changed: then it is true. */
    boolean await(long nanos) throws InterruptedException;

    /** Gives back what reading and waiting held on to. */
    void release();
  }

  /**
   * What one read brought.
   *
   * @param stamp tells this map from others; equal to the stamp seen if it is the same map
   * @param map the map; null if it is the same as before
   */
  record Reading(Object stamp, @Nullable ShardMap map) {}

  /** Twenty per cent either way, so that a fleet started at once does not poll at once. */
  private static final double JITTER = 0.2;

  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(5);
  private static final long MAX_SPREAD_NANOS = Duration.ofSeconds(1).toNanos();
  private static final long JOIN_MILLIS = 5_000;

  private final String name;
  private final Supplier<Source> sources;
  private final long intervalNanos;
  private final List<Registration> registrations = new CopyOnWriteArrayList<>();

  /** Guarded by this. */
  private @Nullable Loop loop;

  private boolean closed;

  /**
   * Creates a poller without a thread yet.
   *
   * @param sources makes a source for each thread: the last watch's thread may still be on its way
   *     out when the next watch begins
   */
  StorePoller(String name, @Nullable Duration interval, Supplier<Source> sources) {
    this.name = name;
    this.sources = sources;
    this.intervalNanos = Options.orElse(interval, DEFAULT_INTERVAL).toNanos();
  }

  static Duration requireInterval(Duration interval) {
    return Options.between("pollInterval", Duration.ofMillis(10), Duration.ofDays(1), interval);
  }

  synchronized ShardMapStore.Watch watch(ShardMapStore.Observer observer) {
    if (closed) {
      throw new ShardMapStoreException(name + " is closed and cannot be watched");
    }
    Registration registration = new Registration(name, observer, this::end);
    registrations.add(registration);
    if (loop == null) {
      loop = new Loop();
      loop.start();
    }
    return registration;
  }

  @Override
  public void close() {
    Loop ending;
    synchronized (this) {
      closed = true;
      registrations.forEach(Registration::end);
      registrations.clear();
      ending = loop;
      loop = null;
    }
    if (ending != null) {
      ending.end();
    }
  }

  private void end(Registration registration) {
    Loop ending = null;
    synchronized (this) {
      registrations.remove(registration);
      if (registrations.isEmpty()) {
        ending = loop;
        loop = null;
      }
    }
    if (ending != null) {
      ending.end();
    }
  }

  /** A run of the thread, from the first watch to the last one's end. */
  private final class Loop extends Thread {

    private final Source source = sources.get();
    private volatile boolean ended;
    private @Nullable Reading last;

    private Loop() {
      super("headroom-watch " + name);
      setDaemon(true);
    }

    @Override
    public void run() {
      try {
        while (!ended) {
          poll();
          pause();
        }
      } finally {
        source.release();
      }
    }

    private void pause() {
      try {
        if (source.await(jittered())) {
          park((long) (ThreadLocalRandom.current().nextDouble() * spreadNanos(intervalNanos)));
        }
      } catch (InterruptedException e) {
        // by end(), which has set the flag; or an observer left it behind, and the watch goes on
      }
    }

    private void poll() {
      Reading reading;
      try {
        reading = source.read(last == null ? null : last.stamp());
      } catch (ShardingException e) {
        tellAll(e);
        return;
      } catch (RuntimeException | Error e) {
        // whatever it is: a watch that dies in silence would leave its router behind for ever
        tellAll(new ShardMapStoreException(name + " cannot be read: " + e, e));
        return;
      }
      ShardMap map = reading.map() != null ? reading.map() : Objects.requireNonNull(last).map();
      Reading whole = new Reading(reading.stamp(), map);
      last = whole;
      for (Registration registration : registrations) {
        if (!ended) {
          registration.tell(whole.stamp(), Objects.requireNonNull(map));
        }
      }
    }

    private void tellAll(ShardingException cause) {
      if (!ended) {
        for (Registration registration : registrations) {
          registration.tell(cause);
        }
      }
    }

    private long jittered() {
      double factor = 1 + JITTER * (2 * ThreadLocalRandom.current().nextDouble() - 1);
      return (long) (intervalNanos * factor);
    }

    private void end() {
      ended = true;
      interrupt();
      if (Thread.currentThread() != this) {
        try {
          join(JOIN_MILLIS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }

  /**
   * Within what time the watchers that one event wakes read again, each at a moment of its own: a
   * tenth of the interval, so that who polls a large fleet less often spreads it more, and a second
   * at most.
   */
  static long spreadNanos(long intervalNanos) {
    return Math.min(intervalNanos / 10, MAX_SPREAD_NANOS);
  }

  /** A wait that nothing but a cancel cuts short; false, since nothing woke it. */
  static boolean park(long nanos) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(nanos);
    return false;
  }
}
