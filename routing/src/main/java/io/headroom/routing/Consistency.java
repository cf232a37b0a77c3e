package io.headroom.routing;

import io.headroom.LagLimit;
import io.headroom.RequestContext;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How fresh a copy a read asks for. Set for a data source at its builder, and for a part of a
 * request by an attribute of its {@link RequestContext}:
 *
 * <pre>{@code
 * RequestContext context =
 *     RequestContext.current().toBuilder().with(Consistency.KEY, Consistency.STRONG).build();
 * try (RequestContext.Scope scope = context.attach()) {
 *   checkBalance(); // its reads run on the primary
 * }
 * }</pre>
 *
 * <p>A request that has a {@link LagLimit} gets no copy that lags more, whatever is asked for here:
 * {@link #EVENTUAL} is then bounded, a longer bound becomes the limit, the others keep to it as
 * well, and {@link #orStale} has no effect.
 *
 * <p>Immutable.
 */
public final class Consistency {

  /** The attribute of a {@link RequestContext} that asks for a consistency. */
  public static final RequestContext.Key<Consistency> KEY =
      RequestContext.Key.named("headroom.consistency");

  /** Any replica that is up, however far behind. */
  public static final Consistency EVENTUAL = new Consistency(Level.EVENTUAL, null, false, false);

  /**
   * What the request's token says that it has seen: own writes, and those of whoever handed the
   * token on. Without a token, any replica. The default.
   */
  public static final Consistency READ_YOUR_WRITES =
      new Consistency(Level.READ_YOUR_WRITES, null, false, false);

  /**
   * As {@link #READ_YOUR_WRITES}, and what a read of the request has shown before: time never runs
   * backwards among replicas. What a connection shows counts once it is closed, so connections of
   * one request that are open at the same time are not ordered.
   */
  public static final Consistency MONOTONIC = new Consistency(Level.MONOTONIC, null, false, false);

  /** The primary. */
  public static final Consistency STRONG = new Consistency(Level.STRONG, null, false, false);

  /** The kinds. */
  enum Level {
    EVENTUAL,
    BOUNDED,
    READ_YOUR_WRITES,
    MONOTONIC,
    STRONG
  }

  private final Level level;
  private final @Nullable Duration maximumLag;
  private final boolean orStale;
  private final boolean limited;

  private Consistency(
      Level level, @Nullable Duration maximumLag, boolean orStale, boolean limited) {
    this.level = level;
    this.maximumLag = maximumLag;
    this.orStale = orStale;
    this.limited = limited;
  }

  /**
   * A replica that lags by no more than this, and that has what the request's token says. A bound
   * below the interval of the probes costs a question to the replica now and then.
   *
   * @param maximumLag how old what it shows may be, more than zero
   * @return the consistency
   * @throws IllegalArgumentException if the bound is zero or negative
   */
  public static Consistency bounded(Duration maximumLag) {
    Objects.requireNonNull(maximumLag, "maximumLag must not be null");
    if (maximumLag.isZero() || maximumLag.isNegative()) {
      throw new IllegalArgumentException(
          "maximumLag must be more than zero, was "
              + maximumLag
              + "; use STRONG to read from the primary");
    }
    return new Consistency(Level.BOUNDED, maximumLag, false, false);
  }

  /**
   * The same, but where no copy is fresh enough and the primary can take no more, a stale answer is
   * better than none. It makes no difference to {@link #EVENTUAL}.
   *
   * @return the consistency
   * @throws IllegalStateException if this is {@link #STRONG}, which no copy can give
   */
  public Consistency orStale() {
    if (level == Level.STRONG) {
      throw new IllegalStateException(
          "STRONG reads from the primary or not at all; use bounded(maximumLag).orStale() where an"
              + " older answer will do");
    }
    return new Consistency(level, maximumLag, true, limited);
  }

  /**
   * This one within a request's {@link LagLimit}: never a copy that lags more, nor a stale one.
   *
   * @param limit more than zero
   */
  Consistency within(Duration limit) {
    if (level == Level.STRONG) {
      return this;
    }
    return new Consistency(
        level == Level.EVENTUAL ? Level.BOUNDED : level,
        maximumLag == null || limit.compareTo(maximumLag) < 0 ? limit : maximumLag,
        false,
        true);
  }

  Level level() {
    return level;
  }

  /** Whether a copy's lag matters: for {@link Level#BOUNDED}, and within a limit. */
  boolean boundsLag() {
    return maximumLag != null;
  }

  /** How far behind a copy may be, if that is bounded. */
  long maximumLagNanos() {
    return maximumLag == null ? Long.MAX_VALUE : Nanos.of(maximumLag);
  }

  boolean allowsStale() {
    return orStale;
  }

  /** Whether a request's limit made it what it is: then it cannot be stale. */
  boolean isLimited() {
    return limited;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Consistency that
        && level == that.level
        && orStale == that.orStale
        && limited == that.limited
        && Objects.equals(maximumLag, that.maximumLag);
  }

  @Override
  public int hashCode() {
    return Objects.hash(level, maximumLag, orStale, limited);
  }

  @Override
  public String toString() {
    return (level == Level.BOUNDED ? "" : level.name())
        + (level != Level.BOUNDED && boundsLag() ? " and " : "")
        + (boundsLag() ? "BOUNDED(" + maximumLag + ")" : "")
        + (limited ? " under a LagLimit" : "")
        + (orStale ? ", or stale" : "");
  }
}
