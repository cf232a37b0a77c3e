package io.headroom.routing;

import io.headroom.jdbc.ConnectionSource;
import org.jspecify.annotations.Nullable;

/**
 * One server behind its name: what was configured, what it last said, and how it fares.
 *
 * <p>Thread-safe.
 */
final class Node {

  /** Nodes of one data source at most, so that a set of them fits a long. */
  static final int MAX = 64;

  private final int index;
  private final NodeSettings settings;
  private final ConnectionSource pool;
  private final NodeLoad load;
  private final NodeHealth health;
  private volatile @Nullable Sample sample;
  private volatile boolean up;

  Node(int index, NodeSettings settings, ConnectionSource pool, NodeLoad load, NodeHealth health) {
    this.index = index;
    this.settings = settings;
    this.pool = pool;
    this.load = load;
    this.health = health;
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

  /** What runs there now, and how fast it answers. */
  NodeLoad load() {
    return load;
  }

  /** Its circuit breaker. */
  NodeHealth health() {
    return health;
  }

  /** The last answer to a probe; kept when the node goes down. */
  @Nullable Sample sample() {
    return sample;
  }

  /** Whether the last probe was answered in time. False until the first was. */
  boolean isUp() {
    return up;
  }

  /** The monitor alone calls this. */
  void answered(Sample answer) {
    sample = answer;
    up = true;
  }

  /** The monitor alone calls this. */
  void failed() {
    up = false;
  }

  @Override
  public String toString() {
    return name();
  }
}
