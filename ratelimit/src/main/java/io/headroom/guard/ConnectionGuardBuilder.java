package io.headroom.guard;

import io.headroom.LoadLevels;
import io.headroom.SetOnce;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sets a {@link ConnectionGuard} up. Each option may be set once, and is checked at once.
 *
 * <pre>{@code
 * ConnectionGuard guard =
 *     ConnectionGuard.builder()
 *         .maximumWait(Duration.ofMillis(100))
 *         .elevated(0.85, 0.70)
 *         .listener(pager)
 *         .build();
 * }</pre>
 *
 * <p>Not thread-safe.
 */
public final class ConnectionGuardBuilder {

  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration LONGEST_HELD = Duration.ofDays(365);
  private static final int MOST_WAITERS = 1_000_000;
  private static final int MOST_RESERVED = 10_000;
  private static final Duration WINDOW = Duration.ofMillis(100);
  private static final Duration DWELL = Duration.ofMillis(500);

  private final SetOnce once = new SetOnce("guard");
  private final List<GuardListener> listeners = new ArrayList<>();
  private Duration target = Duration.ofMillis(5);
  private Duration maximumWait = Duration.ofMillis(200);
  private int maximumWaiters;
  private double elevatedAt = 0.85;
  private double calmBelow = 0.70;
  private Duration stuckAfter = Duration.ofMillis(250);
  private int reserved;
  private Duration heldTooLong = Duration.ofMinutes(1);
  private boolean whereTaken;
  private boolean adaptive;
  private boolean shadow;
  private @Nullable PoolBudget budget;
  private LoadLevels levels = new LoadLevels();
  private TimeSource time = TimeSource.system();
  private boolean ticks = true;

  ConnectionGuardBuilder() {}

  /**
   * Sets how long everybody may have to wait for a connection, for a window of 100 ms, until that
   * is {@link io.headroom.LoadLevel#HIGH}.
   *
   * @param delay more than zero and an hour at most; 5 ms unless set
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder targetDelay(Duration delay) {
    once.setting("targetDelay");
    target = positive("targetDelay", delay, LONGEST);
    return this;
  }

  /**
   * Sets how long a caller waits for a connection at most. Whoever would have to wait for longer,
   * by the time that connections are held, is refused at once.
   *
   * @param wait more than zero and an hour at most; 200 ms unless set
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder maximumWait(Duration wait) {
    once.setting("maximumWait");
    maximumWait = positive("maximumWait", wait, LONGEST);
    return this;
  }

  /**
   * Sets how many callers wait for a connection of one pool at most.
   *
   * @param callers 1 to 1,000,000; ten for each connection unless set
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder maximumWaiters(int callers) {
    once.setting("maximumWaiters");
    maximumWaiters = number("maximumWaiters", callers, 1, MOST_WAITERS);
    return this;
  }

  /**
   * Sets the shares of connections in use, over a second, at which {@link
   * io.headroom.LoadLevel#ELEVATED} begins and ends.
   *
   * @param begins above {@code ends}, and 1 at most; 0.85 unless set
   * @param ends more than 0; 0.70 unless set
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder elevated(double begins, double ends) {
    once.setting("elevated");
    if (!(begins > 0 && begins <= 1) || !(ends > 0 && ends <= 1)) {
      throw new IllegalArgumentException(
          "elevated takes two shares above 0 and up to 1, was (" + begins + ", " + ends + ")");
    }
    if (ends >= begins) {
      throw new IllegalArgumentException(
          "elevated must end below the share at which it begins, or it would flap: begins "
              + begins
              + ", ends "
              + ends);
    }
    elevatedAt = begins;
    calmBelow = ends;
    return this;
  }

  /**
   * Sets after how long without a connection coming back, while somebody waits, a pool is {@link
   * io.headroom.LoadLevel#CRITICAL}; never sooner than four times as long as connections are held.
   *
   * @param time more than zero and an hour at most; 250 ms unless set
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder stuckAfter(Duration time) {
    once.setting("stuckAfter");
    stuckAfter = positive("stuckAfter", time, LONGEST);
    return this;
  }

  /**
   * Keeps connections of each pool for {@link io.headroom.Criticality#CRITICAL} work, from {@link
   * io.headroom.LoadLevel#HIGH} on, and while there is such work. Without that it goes first as
   * well, but waits until one comes back.
   *
   * @param connections 0 to 10,000, of a pool all but one at most; 0 unless set
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder reserveForCritical(int connections) {
    once.setting("reserveForCritical");
    reserved = number("reserveForCritical", connections, 0, MOST_RESERVED);
    return this;
  }

  /**
   * Lets each pool use fewer connections than it has, down to a quarter, while its database gets
   * slower the more work it has.
   *
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder adaptive() {
    once.setting("adaptive");
    adaptive = true;
    return this;
  }

  /**
   * Sets after how long a connection or an admission that is not closed is told of.
   *
   * @param time more than zero and a year at most; a minute unless set
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder reportHeldFor(Duration time) {
    once.setting("reportHeldFor");
    heldTooLong = positive("reportHeldFor", time, LONGEST_HELD);
    return this;
  }

  /**
   * Notes where each connection is taken, so that one that is never closed can be found. It costs a
   * stack trace for each.
   *
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder noteWhereTaken() {
    once.setting("noteWhereTaken");
    whereTaken = true;
    return this;
  }

  /**
   * Decides, counts and tells, and lets everybody through: to see what a guard would do.
   *
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder shadow() {
    once.setting("shadow");
    shadow = true;
    return this;
  }

  /**
   * Sets how many connections this process may have open, over all pools that are guarded. Their
   * sizes are changed for it, so that it takes pools that can be resized, as those of HikariCP can;
   * all who use them go through the guard. In {@link #shadow} mode it only warns.
   *
   * @param connections the budget; none unless set: each pool has its own size
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder budget(PoolBudget connections) {
    once.setting("budget");
    budget = Objects.requireNonNull(connections, "budget must not be null");
    return this;
  }

  /**
   * Sets where the levels are written, if the application has some already.
   *
   * @param into the levels
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ConnectionGuardBuilder levels(LoadLevels into) {
    once.setting("levels");
    levels = Objects.requireNonNull(into, "levels must not be null");
    return this;
  }

  /**
   * Adds a listener; there may be several.
   *
   * @param listener hears what the guard does
   * @return this builder
   */
  public ConnectionGuardBuilder listener(GuardListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener must not be null"));
    return this;
  }

  /**
   * For tests: a clock that is set by hand, and no thread; {@link ConnectionGuard#tick} is called.
   */
  ConnectionGuardBuilder byHand(TimeSource source) {
    time = source;
    ticks = false;
    return this;
  }

  /**
   * Builds the guard, and starts its thread.
   *
   * @return a guard of no pools yet
   * @throws IllegalStateException if a time that is allowed contradicts another
   */
  public ConnectionGuard build() {
    if (target.compareTo(maximumWait) > 0) {
      throw new IllegalStateException(
          "targetDelay ("
              + target
              + ") must not be above maximumWait ("
              + maximumWait
              + "), or overload would never be seen");
    }
    return new ConnectionGuard(
        settings(), time, new GuardListeners(listeners), levels, budget, ticks);
  }

  GuardSettings settings() {
    return new GuardSettings(
        target.toNanos(),
        WINDOW.toNanos(),
        maximumWait.toNanos(),
        maximumWaiters,
        elevatedAt,
        calmBelow,
        DWELL.toNanos(),
        stuckAfter.toNanos(),
        reserved,
        heldTooLong.toNanos(),
        whereTaken,
        adaptive,
        shadow);
  }

  private static int number(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          option + " must be " + least + " to " + most + ", was " + value);
    }
    return value;
  }

  private static Duration positive(String option, Duration value, Duration longest) {
    Objects.requireNonNull(value, option + " must not be null");
    if (value.isZero() || value.isNegative() || value.compareTo(longest) > 0) {
      throw new IllegalArgumentException(
          option + " must be more than zero and " + longest + " at most, was " + value);
    }
    return value;
  }
}
