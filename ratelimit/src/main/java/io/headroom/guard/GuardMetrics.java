package io.headroom.guard;

import io.headroom.BoundMetrics;
import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.Objects;

/**
 * What a guard does and its pools go through, as Micrometer meters. Bind it when all pools are
 * protected.
 *
 * <pre>{@code
 * GuardMetrics.of(guard).bindTo(registry);
 * }</pre>
 *
 * <p>Tags: {@code pool}, its name; {@code criticality} and {@code reason}, in lower case.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>what</th></tr>
 * <tr><td>{@code headroom.guard.level}</td><td>0 normal, 1 elevated, 2 high, 3 critical</td></tr>
 * <tr><td>{@code headroom.guard.size}</td><td>connections that may be in use</td></tr>
 * <tr><td>{@code headroom.guard.in.use}</td><td>connections in use</td></tr>
 * <tr><td>{@code headroom.guard.held.long}</td><td>of these, those that have been for as long as
 *     {@link ConnectionGuardBuilder#reportHeldFor}</td></tr>
 * <tr><td>{@code headroom.guard.waiting}</td><td>callers that wait for one</td></tr>
 * <tr><td>{@code headroom.guard.oldest.wait}</td><td>seconds that the one has waited that waits
 *     longest</td></tr>
 * <tr><td>{@code headroom.guard.waits}</td><td>timer: those who waited and have their connection,
 *     and how long they did</td></tr>
 * <tr><td>{@code headroom.guard.holds}</td><td>timer: connections that came back, and how long they
 *     were held</td></tr>
 * <tr><td>{@code headroom.guard.shed}</td><td>the share of users that are shed, from 0 to 1, by
 *     criticality</td></tr>
 * <tr><td>{@code headroom.guard.asked}</td><td>requests for a connection, by criticality</td></tr>
 * <tr><td>{@code headroom.guard.refused}</td><td>of these, refused, by criticality and
 *     reason</td></tr>
 * <tr><td>{@code headroom.guard.shadowed}</td><td>of these, let through only since the guard is in
 *     shadow mode, by criticality</td></tr>
 * <tr><td>{@code headroom.guard.failed}</td><td>of these, let through to a pool that gave
 *     none</td></tr>
 * <tr><td>{@code headroom.guard.door.asked}</td><td>requests that asked at the door, by criticality;
 *     with the tag {@code pool}, which is {@code any} where it was not known</td></tr>
 * <tr><td>{@code headroom.guard.door.refused}</td><td>of these, refused</td></tr>
 * <tr><td>{@code headroom.guard.door.shadowed}</td><td>of these, let through only since the guard is
 *     in shadow mode</td></tr>
 * <tr><td>{@code headroom.guard.door.in.flight}</td><td>admissions that are open; without tags</td>
 * </tr>
 * <tr><td>{@code headroom.guard.budget.size}</td><td>with a {@link PoolBudget}: connections of all
 *     pools together; without tags</td></tr>
 * <tr><td>{@code headroom.guard.budget.allotted}</td><td>of these, what pools may have open; without
 *     tags</td></tr>
 * <tr><td>{@code headroom.guard.budget.hungry}</td><td>pools where somebody waits, and which have
 *     less than their share; without tags</td></tr>
 * <tr><td>{@code headroom.guard.budget.held}</td><td>what the pool may have open now</td></tr>
 * <tr><td>{@code headroom.guard.budget.fleet}</td><td>what all processes together may open at the
 *     pool's server, by {@link PoolBudget#processes(int)}; not a number until it has answered</td></tr>
 * <tr><td>{@code headroom.guard.budget.accepted}</td><td>what that server accepts of everybody</td>
 * </tr>
 * </table>
 *
 * <p>Of two guards' meters without tags, in one registry, the first one's count, and the second has
 * a warning in the log. They go from the registry when the guard is closed, so that another's may
 * be bound there. Thread-safe. Needs micrometer-core, which nothing else in this package does.
 */
@SuppressWarnings(
    "exports") // Micrometer is optional: a module that binds meters requires it itself
public final class GuardMetrics implements MeterBinder {

  private static final String PREFIX = "headroom.guard.";

  private final ConnectionGuard guard;

  private GuardMetrics(ConnectionGuard guard) {
    this.guard = Objects.requireNonNull(guard, "guard must not be null");
  }

  /**
   * Creates the binder.
   *
   * @param guard whose meters, of all pools that it has when they are bound
   * @return its binder
   */
  public static GuardMetrics of(ConnectionGuard guard) {
    return new GuardMetrics(guard);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    BoundMetrics bound = BoundMetrics.in(registry, PREFIX, ConnectionGuard.class, "guard");
    for (PoolGuard pool : guard.pools()) {
      Tags tags = Tags.of("pool", pool.resource());
      bindFigures(bound, pool, tags);
      bindCounts(bound, pool, tags);
      bindDoor(bound, pool.door(), tags);
    }
    bindDoor(bound, guard.door().counts(), Tags.of("pool", "any"));
    bound.gauge(
        "door.in.flight", "admissions that are open", Tags.empty(), guard.door(), Door::inFlight);
    new BudgetMetrics(bound, guard).bind();
    guard.onClose(bound.removal());
  }

  private static void bindFigures(BoundMetrics bound, PoolGuard pool, Tags tags) {
    bound.gauge(
        "level",
        "load level: 0 normal, 1 elevated, 2 high, 3 critical",
        tags,
        pool,
        GuardMetrics::level);
    bound.gauge("size", "connections that may be in use", tags, pool, of -> of.gate().limit());
    bound.gauge("in.use", "connections in use", tags, pool, PoolGuard::inUse);
    bound.gauge(
        "held.long",
        "connections in use for so long that it is told of in the log",
        tags,
        pool,
        PoolGuard::heldLong);
    bound.gauge("waiting", "callers that wait for a connection", tags, pool, PoolGuard::waiting);
    bound.time(
        "oldest.wait",
        "how long the one has waited that waits longest",
        tags,
        pool,
        of -> of.gate().oldestWaitNanos(of.nanoTime()));
    for (Criticality each : Criticality.values()) {
      bound.gauge(
          "shed",
          "the share of users that are shed, from 0 to 1",
          tags.and("criticality", lower(each)),
          pool,
          of -> of.view().share(each));
    }
  }

  private static double level(PoolGuard pool) {
    LoadLevel level = pool.view().level();
    return switch (level) {
      case NORMAL -> 0;
      case ELEVATED -> 1;
      case HIGH -> 2;
      case CRITICAL -> 3;
    };
  }

  private static void bindCounts(BoundMetrics bound, PoolGuard pool, Tags tags) {
    Tally tally = pool.tally();
    bound.timer(
        "waits",
        "callers that waited and have their connection, and how long they did",
        tags,
        tally,
        Tally::waitedCount,
        Tally::waitNanos);
    bound.timer(
        "holds",
        "connections that came back, and how long they were held",
        tags,
        tally,
        Tally::endedCount,
        Tally::heldNanos);
    bound.counter(
        "failed", "requests let through to a pool that gave none", tags, tally, Tally::failedCount);
    for (Criticality each : Criticality.values()) {
      Tags ofEach = tags.and("criticality", lower(each));
      bound.counter("asked", "requests for a connection", ofEach, tally, of -> of.askedCount(each));
      bound.counter(
          "shadowed",
          "requests let through only since the guard is in shadow mode",
          ofEach,
          tally,
          of -> of.shadowedCount(each));
      for (RefusalReason reason : RefusalReason.values()) {
        bound.counter(
            "refused",
            "requests refused a connection",
            ofEach.and("reason", lower(reason)),
            tally,
            of -> of.refusedCount(each, reason));
      }
    }
  }

  private static void bindDoor(BoundMetrics bound, DoorCounts door, Tags tags) {
    for (Criticality each : Criticality.values()) {
      Tags ofEach = tags.and("criticality", lower(each));
      bound.counter(
          "door.asked", "requests that asked at the door", ofEach, door, of -> of.askedCount(each));
      bound.counter(
          "door.refused",
          "requests that were refused at the door",
          ofEach,
          door,
          of -> of.refusedCount(each));
      bound.counter(
          "door.shadowed",
          "requests let through at the door only since the guard is in shadow mode",
          ofEach,
          door,
          of -> of.shadowedCount(each));
    }
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
