package io.headroom.cache;

/** Where the answer to one {@code get} came from: each is counted as exactly one of these. */
public enum Served {
  /** From this process, fresh. */
  LOCAL,

  /** From the tier that processes share, fresh. */
  SHARED,

  /** This caller loaded it. */
  LOADED,

  /** Another caller was loading it already, and shared what came. */
  JOINED,

  /** It was loaded for this caller alone and not kept, inside a write transaction. */
  PRIVATE,

  /** Stale, since a load failed. */
  STALE_FAILED,

  /** Stale, since a load takes longer than the soft time-out. */
  STALE_SLOW,

  /** Stale, since what a load would use is under high load. */
  STALE_OVERLOAD,

  /** Stale, since another process is loading it. */
  STALE_LEASED,

  /** Not at all: the load failed, or took longer than the caller had time. */
  FAILED;

  boolean isStale() {
    return switch (this) {
      case STALE_FAILED, STALE_SLOW, STALE_OVERLOAD, STALE_LEASED -> true;
      case LOCAL, SHARED, LOADED, JOINED, PRIVATE, FAILED -> false;
    };
  }
}
