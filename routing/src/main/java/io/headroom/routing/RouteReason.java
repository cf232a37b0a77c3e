package io.headroom.routing;

/** Why work ran where it ran, or did not run: a tag of the metrics. */
public enum RouteReason {
  /** Not declared read-only, so on the primary. */
  WRITE,
  /** A read that asked for the primary. */
  STRONG,
  /**
   * A read that asked for isolation level SERIALIZABLE, which is to be had on the primary alone.
   */
  SERIALIZABLE,
  /** A replica that met what was asked. */
  FRESH,
  /** A replica that was asked whether it is fresh enough by now, and waited for if it was not. */
  WAITED,
  /** A backup, since no other replica was left. */
  BACKUP,
  /** A replica that is behind; the caller allowed it. */
  STALE,
  /**
   * The primary, since no replica was fresh enough, or since those that are had ended the read when
   * it ran there before. Counts against the spill budget.
   */
  SPILLED_LAGGING,
  /** The primary, since no replica could be reached. Counts against the spill budget. */
  SPILLED_DOWN,
  /** The primary, since no replica was configured. */
  NO_REPLICAS,
  /** Any node: constants of the database were asked for. */
  METADATA,
  /** Refused: no replica was fresh enough, and the spill budget was used up. */
  REFUSED_BUDGET,
  /** Refused: no replica was fresh enough, and the primary is under load. */
  REFUSED_LOAD,
  /** Refused: there is no primary. */
  REFUSED_NO_PRIMARY,
  /** Refused: the request's deadline had passed. */
  REFUSED_DEADLINE;

  /**
   * Whether the work did not run at all.
   *
   * @return true for those whose names begin with {@code REFUSED_}
   */
  public boolean isRefusal() {
    return name().startsWith("REFUSED_");
  }
}
