package io.headroom;

/**
 * How loaded one resource is (a pool, a shard), from free to nearly lost.
 *
 * <p>A guard sets it for its pool; caches, routing and the application read it through {@link
 * LoadSignal}. Immutable and thread-safe.
 */
public enum LoadLevel {

  /** Nothing to do. */
  NORMAL,

  /** Busier than planned: put off what can wait, serve stale answers where that is allowed. */
  ELEVATED,

  /** Saturated: shed what is sheddable, add nothing that others can do as well. */
  HIGH,

  /** Only critical requests still go through. */
  CRITICAL;

  /**
   * Tells whether this level is as high as another or higher.
   *
   * @param other the level to compare with
   * @return true if this level is not below the other
   */
  public boolean atLeast(LoadLevel other) {
    return compareTo(other) >= 0;
  }
}
