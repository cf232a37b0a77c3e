package io.headroom.guard;

import io.headroom.Audience;
import io.headroom.LoadLevel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners, whose failures it keeps to itself, and the log. Thread-safe. */
final class GuardListeners {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionGuard.class);

  private final Audience<GuardListener> listeners;

  GuardListeners(List<GuardListener> listeners) {
    this.listeners = Audience.of(ConnectionGuard.class, "guard", listeners);
  }

  void levelChanged(PoolGuard pool, LoadLevel from, PoolView now) {
    LoadLevel to = now.level();
    PoolSample sample = now.sample();
    String text =
        "pool '{}': {} -> {} ({}{} of {} in use, {} waiting, everybody waits {} at least,"
            + " {} requests a second, and it can serve {})";
    boolean isStuck = to == LoadLevel.CRITICAL; // the other figures may look as at ease
    Object[] figures = {
      pool.resource(),
      from,
      to,
      isStuck ? "nothing has come back for " + millis(sample.stuckNanos()) + "; " : "",
      pool.inUse(),
      pool.gate().limit(),
      pool.waiting(),
      millis(sample.delayNanos()),
      Math.round(sample.offeredAltogether()),
      Math.round(sample.capacity())
    };
    if (to.atLeast(from) && to.atLeast(LoadLevel.HIGH)) {
      LOG.warn(text, figures);
    } else {
      LOG.info(text, figures);
    }
    listeners.tell(listener -> listener.onLevelChanged(pool.resource(), from, to));
  }

  private static String time(long nanos) {
    Duration time = Duration.ofNanos(nanos);
    return time.toSeconds() < 10 ? time.toMillis() + " ms" : time.toSeconds() + " s";
  }

  private static String millis(long nanos) {
    return Duration.ofNanos(nanos).toMillis() + " ms";
  }

  void refused(Refusal refusal, boolean shadowed) {
    listeners.tell(listener -> listener.onRefused(refusal, shadowed));
  }

  void waited(String resource, long waitNanos) {
    listeners.tell(listener -> listener.onWaited(resource, waitNanos));
  }

  void heldTooLong(String resource, long heldNanos, Thread owner, @Nullable Throwable where) {
    LOG.warn(
        "pool '{}': thread '{}' has held a connection for {}: is it ever closed?{}",
        resource,
        owner.getName(),
        time(heldNanos),
        where == null ? " (noteWhereTaken() would tell where it was taken)" : "",
        where);
    listeners.tell(
        listener -> listener.onHeldTooLong(resource, heldNanos, Optional.ofNullable(where)));
  }

  void admissionOpen(long openNanos, Throwable where) {
    LOG.warn(
        "an admission has been open for {}: is it ever closed? (The first {} are watched, and then"
            + " one in {}.)",
        time(openNanos),
        Door.WATCHED_FIRST,
        Door.WATCHED_OF,
        where);
    listeners.tell(listener -> listener.onHeldTooLong(Door.NAME, openNanos, Optional.of(where)));
  }
}
