package io.headroom.benchmarks.whole;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.guard.Admission;
import io.headroom.guard.ConnectionGuard;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import java.time.Duration;

/**
 * What a request passes before any work: a limit of its user's, then the guard. Thread-safe.
 *
 * <p>The limit admits more than a loop can ask for, and the guard has room: this is about what the
 * way costs, not about what it refuses.
 */
public final class Door implements AutoCloseable {
  private static final int MAXIMUM_USERS = 2_000_000;
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private final RateLimiter<Long> limit =
      RateLimiter.<Long>builder("user")
          .limit(Limit.perSecond(1_000_000_000))
          .maximumKeys(MAXIMUM_USERS)
          .build();
  private final ConnectionGuard guard = ConnectionGuard.create();

  /**
   * What is done behind the door.
   *
   * @param <T> what comes of it
   * @param <E> what it may fail by
   */
  @FunctionalInterface
  public interface Work<T, E extends Exception> {
    /**
     * Does it.
     *
     * @param user whose request it is
     * @return what comes of it
     * @throws E if it fails
     */
    T apply(Long user) throws E;
  }

  /**
   * The guard, for the pools behind the door.
   *
   * @return the one that is asked here
   */
  public ConnectionGuard guard() {
    return guard;
  }

  /**
   * Asks the limit alone.
   *
   * @param user who asks
   * @return true
   * @throws IllegalStateException if it is refused
   */
  public boolean limit(Long user) {
    if (!limit.tryAcquire(user).allowed()) {
      throw new IllegalStateException("the limit refused user " + user);
    }
    return true;
  }

  /**
   * Asks the guard alone, and tells it at once of the end.
   *
   * @param user who asks
   * @return true
   * @throws IllegalStateException if it is refused
   */
  public boolean guard(Long user) {
    try (Admission admission = admit(user)) {
      return admission.allowed();
    }
  }

  private Admission admit(Long user) {
    Admission admission = guard.admit(Criticality.STANDARD);
    if (!admission.allowed()) {
      throw new IllegalStateException("the guard refused user " + user);
    }
    return admission;
  }

  /**
   * Limit, guard, work.
   *
   * @param user who asks
   * @param work what for
   * @param <T> what comes of it
   * @param <E> what it may fail by
   * @return what came of it
   * @throws E if it fails
   * @throws IllegalStateException if the door refuses it
   */
  @SuppressWarnings("try") // the admission is held for as long as the work takes
  public <T, E extends Exception> T pass(Long user, Work<T, E> work) throws E {
    limit(user);
    try (Admission admission = admit(user)) {
      return work.apply(user);
    }
  }

  /**
   * The same in a request context of its own, as a servlet filter opens it.
   *
   * @param user who asks
   * @param work what for
   * @param <T> what comes of it
   * @param <E> what it may fail by
   * @return what came of it
   * @throws E if it fails
   * @throws IllegalStateException if the door refuses it
   */
  @SuppressWarnings("try") // the scope is opened for its effect
  public <T, E extends Exception> T request(Long user, Work<T, E> work) throws E {
    RequestContext request = RequestContext.builder().cohortOf(user).timeout(PATIENCE).build();
    try (RequestContext.Scope scope = request.attach()) {
      return pass(user, work);
    }
  }

  @Override
  public void close() {
    guard.close();
  }
}
