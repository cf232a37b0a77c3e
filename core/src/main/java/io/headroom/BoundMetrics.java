package io.headroom;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters that one binder has put in one registry: what was there before is not among them, and
 * stays when they go.
 *
 * <pre>{@code
 * BoundMetrics bound = BoundMetrics.in(registry, ShardRouter.class, "router 'orders'");
 * bound.add(Gauge.builder("headroom.sharding.map.epoch", router, epoch).register(registry));
 * router.onClose(bound.removal());
 * }</pre>
 *
 * <p>Of meters of one name and the same tags a registry has only the first, whose ever it is. That
 * it was there already is a warning, once for each binding: two of a kind have one name, or one was
 * bound twice, which changes nothing.
 *
 * <p>Thread-safe; who binds to one registry on two threads at once may take the other's meters for
 * its own. Needs micrometer-core, which nothing else here does.
 */
@SuppressWarnings("exports") // seen only by who has the optional module
public final class BoundMetrics {

  private final MeterRegistry registry;
  private final Logger log;
  private final String whose;
  private final Set<Meter> before = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Meter> ours = new ArrayList<>();
  private boolean hasWarned;

  private BoundMetrics(MeterRegistry registry, Class<?> owner, String whose) {
    this.registry = Objects.requireNonNull(registry, "registry must not be null");
    this.log = LoggerFactory.getLogger(owner);
    this.whose = Objects.requireNonNull(whose, "whose must not be null");
    before.addAll(registry.getMeters());
  }

  /**
   * Begins to bind: whatever the registry has by now is not of this binding.
   *
   * @param registry where
   * @param owner whose log is written to
   * @param whose what the log calls it, such as {@code router 'orders'}
   * @return none yet
   */
  public static BoundMetrics in(MeterRegistry registry, Class<?> owner, String whose) {
    return new BoundMetrics(registry, owner, whose);
  }

  /**
   * Takes in what a registration has given.
   *
   * @param registered a meter of the registry, which may be one that was there before
   */
  public synchronized void add(Meter registered) {
    if (!before.contains(registered)) {
      ours.add(registered);
    } else if (!hasWarned) {
      hasWarned = true;
      log.warn(
          "{}: the registry has its meters already, from an earlier binding or from another of this"
              + " name, and goes on with those ({} was the first of them): give each a name of its"
              + " own, and close the one before its successor is bound",
          whose,
          registered.getId());
    }
  }

  /**
   * Ends the binding, and says how it is undone.
   *
   * @return takes the meters out of the registry, but for those that were there before; idempotent
   */
  public synchronized Runnable removal() {
    before.clear(); // which may be many, and is not to be kept for as long as the owner is
    return this::remove;
  }

  private synchronized void remove() {
    ours.forEach(registry::remove);
    ours.clear();
  }
}
