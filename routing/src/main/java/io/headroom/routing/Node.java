package io.headroom.routing;

import io.headroom.jdbc.ConnectionSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One server behind its name: what was configured, what it last said, and how it fares.
 *
 * <p>Thread-safe.
 */
final class Node {

  /** Nodes of one data source at most, so that a set of them fits a long. */
  static final int MAX = 64;

  /** The bits of all nodes. */
  static final long ALL = -1;

  private final int index;
  private final NodeSettings settings;
  private final ConnectionSource pool;
  private final PoolControl control;
  private final NodeLoad load;
  private final NodeHealth health;
  private final PhysicalSessions sessions = new PhysicalSessions();
  private final AtomicInteger roleVersion = new AtomicInteger(1);
  private final Semaphore waiters;
  private final Semaphore guests;
  private final Set<WriteHooks> writers = ConcurrentHashMap.newKeySet();
  private final AtomicReference<@Nullable Sample> sample = new AtomicReference<>();
  private volatile boolean up;
  private volatile boolean doubted;
  private volatile long doubtedNanos;
  private volatile long stuckAt = -1;
  private volatile long lateUntil;
  private volatile boolean primary;

  Node(
      int index,
      NodeSettings settings,
      ConnectionSource pool,
      PoolControl control,
      NodeLoad load,
      NodeHealth health) {
    this.index = index;
    this.settings = settings;
    this.pool = pool;
    this.control = control;
    this.load = load;
    this.health = health;
    // they hold its connections; the other half is for those that need not wait, and for writers
    int half = Math.max(1, settings.capacity() / 2);
    this.waiters = new Semaphore(half);
    this.guests = new Semaphore(half);
  }

  /** Its place in the data source, and its bit in a set of nodes. */
  int index() {
    return index;
  }

  long bit() {
    return 1L << index;
  }

  String name() {
    return settings.name();
  }

  NodeSettings settings() {
    return settings;
  }

  /** Where connections for work come from. */
  ConnectionSource pool() {
    return pool;
  }

  /** What can be done with that pool beyond borrowing. */
  PoolControl control() {
    return control;
  }

  /** What is known of its connections. */
  PhysicalSessions sessions() {
    return sessions;
  }

  /** Permits to wait on one of its connections, while it is a replica, until it has caught up. */
  Semaphore waiters() {
    return waiters;
  }

  /** Permits to read on one of its connections, while it is the primary, for want of a replica. */
  Semaphore guests() {
    return guests;
  }

  /** A read waited in vain for it to get further than this. */
  void stuckAt(long position) {
    stuckAt = position;
  }

  /** Whether it is still where a read waited for it in vain: paused, say. */
  boolean isStuckAt(long position) {
    return position == stuckAt;
  }

  /** A read waited in vain for it, while its primary was here already. */
  void late(long primarysPosition) {
    lateUntil = primarysPosition;
  }

  /** Whether, being there, it has not got to where a read waited for it in vain. */
  boolean isLate(long position) {
    return position < lateUntil || isStuckAt(position);
  }

  /** What runs there now, and how fast it answers. */
  NodeLoad load() {
    return load;
  }

  /** Its circuit breaker. */
  NodeHealth health() {
    return health;
  }

  /**
   * The last answer to a probe, and what a read has learned since; kept when the node goes down.
   */
  @Nullable Sample sample() {
    return sample.get();
  }

  /**
   * A read has asked the same, on a connection of its own, and found that it shows more by now.
   * Holds until the next probe. Without a lock: a probe that answers meanwhile goes first.
   */
  void told(Sample answer) {
    Sample known = sample.get();
    if (known != null) {
      sample.compareAndSet(known, known.with(answer));
    }
  }

  /** Whether the last probe was answered in time. False until the first was. */
  boolean isUp() {
    return up;
  }

  /** The monitor alone calls this. */
  void answered(Sample answer) {
    sample.set(answer);
    up = true;
    if (doubted && answer.beganNanos() - doubtedNanos >= 0) {
      doubted = false;
    }
  }

  /** One of its connections broke, or could not be had: it is to answer a probe first. */
  void doubt(long nowNanos) {
    doubtedNanos = nowNanos;
    doubted = true;
  }

  /** Whether it is to be asked before it is used; reads that can be served elsewhere are. */
  boolean isDoubted() {
    return doubted;
  }

  /** The monitor alone calls this. */
  void failed() {
    up = false;
  }

  /**
   * Grows when it becomes, or ceases to be, the primary: its connections introduce themselves anew.
   */
  int roleVersion() {
    return roleVersion.get();
  }

  /** Whether it is the primary, or was the last one and is not replaced yet. */
  boolean isPrimary() {
    return primary;
  }

  /**
   * It is the primary from now on; its sessions have outlived the promotion, and whether it was
   * ejected has not: no read would ever try a primary.
   */
  void promoted() {
    if (!primary) {
      primary = true;
      roleVersion.incrementAndGet();
      health.reset();
    }
  }

  /** Another is the primary from now on: nobody is to go on with a connection of its time. */
  void demoted() {
    primary = false;
    roleVersion.incrementAndGet();
    control.evictAll();
  }

  /** Ends what writes here go on though this is not to be written to any more. */
  void cutOffReplaced(Topology now) {
    writers.forEach(writer -> writer.cutOffIfReplaced(now));
  }

  /** Who has a connection of it to write on now. */
  Set<WriteHooks> writers() {
    return writers;
  }

  @Override
  public String toString() {
    return name();
  }
}
