package io.headroom;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.noop.NoopMeter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters that one binder has put in one registry: what was there before is not among them, and
 * stays when they go.
 *
 * <pre>{@code
 * BoundMetrics bound =
 *     BoundMetrics.in(registry, "headroom.sharding.", ShardRouter.class, "router 'orders'");
 * bound.gauge("map.epoch", "epoch of the shard map", tags, router, r -> r.map().epoch());
 * router.onClose(bound.removal());
 * }</pre>
 *
 * <p>A registry must not keep alive what it measures, and holds the owner of a figure weakly: give
 * it what lives as long as the figure is to be told, and have the function take all from there.
 *
 * <p>Of meters of one name and the same tags a registry has only the first, whose ever it is. That
 * it was there already is a warning, once for each binding: two of a kind have one name, or one was
 * bound twice, which changes nothing.
 *
 * <p>Thread-safe. Needs micrometer-core, which nothing else here does.
 */
@SuppressWarnings("exports") // seen only by who has the optional module
public final class BoundMetrics {

  private final MeterRegistry registry;
  private final String prefix;
  private final Logger log;
  private final String whose;

  // By one thread at a time.
  private final List<Meter> bound = new ArrayList<>();
  private boolean isRemoved;
  private boolean hasWarned;

  private BoundMetrics(MeterRegistry registry, String prefix, Class<?> owner, String whose) {
    this.registry = Objects.requireNonNull(registry, "registry must not be null");
    this.prefix = Objects.requireNonNull(prefix, "prefix must not be null");
    this.log = LoggerFactory.getLogger(owner);
    this.whose = Objects.requireNonNull(whose, "whose must not be null");
    Additions.listenTo(registry);
  }

  /**
   * Begins to bind: whatever the registry has by now is not of this binding.
   *
   * @param registry where
   * @param prefix what all names begin with, such as {@code headroom.sharding.}
   * @param owner whose log is written to
   * @param whose what the log calls it, such as {@code router 'orders'}
   * @return none yet
   */
  public static BoundMetrics in(
      MeterRegistry registry, String prefix, Class<?> owner, String whose) {
    return new BoundMetrics(registry, prefix, owner, whose);
  }

  /**
   * Registers a figure that goes up and down.
   *
   * @param name after the prefix
   * @param what its description
   * @param tags that tell it from others of the name
   * @param owner what the figure is taken from, which is held weakly
   * @param value takes it
   * @param <T> the type of the owner
   */
  public <T> void gauge(String name, String what, Tags tags, T owner, ToDoubleFunction<T> value) {
    add(Gauge.builder(prefix + name, owner, value).description(what).tags(tags)::register);
  }

  /**
   * Registers a length of time that goes up and down.
   *
   * @param name after the prefix
   * @param what its description
   * @param tags that tell it from others of the name
   * @param owner what the figure is taken from, which is held weakly
   * @param nanos takes it, in nanoseconds
   * @param <T> the type of the owner
   */
  public <T> void time(String name, String what, Tags tags, T owner, ToDoubleFunction<T> nanos) {
    add(
        TimeGauge.builder(prefix + name, owner, TimeUnit.NANOSECONDS, nanos)
                .description(what)
                .tags(tags)
            ::register);
  }

  /**
   * Registers a figure that only grows.
   *
   * @param name after the prefix
   * @param what its description
   * @param tags that tell it from others of the name
   * @param owner what the figure is taken from, which is held weakly
   * @param count takes it
   * @param <T> the type of the owner
   */
  public <T> void counter(String name, String what, Tags tags, T owner, ToDoubleFunction<T> count) {
    add(
        FunctionCounter.builder(prefix + name, owner, count).description(what).tags(tags)
            ::register);
  }

  /**
   * Registers a number of bytes that only grows.
   *
   * @param name after the prefix
   * @param what its description
   * @param tags that tell it from others of the name
   * @param owner what the figure is taken from, which is held weakly
   * @param bytes takes it
   * @param <T> the type of the owner
   */
  public <T> void bytes(String name, String what, Tags tags, T owner, ToDoubleFunction<T> bytes) {
    add(
        FunctionCounter.builder(prefix + name, owner, bytes)
                .description(what)
                .baseUnit("bytes")
                .tags(tags)
            ::register);
  }

  /**
   * Registers how often something was done and how long all of that took.
   *
   * @param name after the prefix
   * @param what its description
   * @param tags that tell it from others of the name
   * @param owner what the figures are taken from, which is held weakly
   * @param count takes the one
   * @param nanos takes the other, in nanoseconds
   * @param <T> the type of the owner
   */
  public <T> void timer(
      String name,
      String what,
      Tags tags,
      T owner,
      ToLongFunction<T> count,
      ToDoubleFunction<T> nanos) {
    add(
        FunctionTimer.builder(prefix + name, owner, count, nanos, TimeUnit.NANOSECONDS)
                .description(what)
                .tags(tags)
            ::register);
  }

  /** Registers, and takes in what that has added: the meter may have been there before. */
  private synchronized void add(Function<MeterRegistry, Meter> registration) {
    Additions added = Additions.begin();
    Meter registered;
    try {
      registered = registration.apply(registry);
    } finally {
      added.end();
    }
    if (added.has(registered)) {
      if (isRemoved) {
        registry.remove(registered); // or it would stay for ever
      } else {
        bound.add(registered);
      }
    } else if (!hasWarned && !(registered instanceof NoopMeter)) { // which a filter has denied
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
   * Says how the binding is undone.
   *
   * @return takes the meters out of the registry, but for those that were there before or have
   *     followed, where it was cleared, if not at this very time; all of them, whatever a listener
   *     of the registry throws, which is thrown last; idempotent
   */
  public Runnable removal() {
    return this::remove;
  }

  /** A registry removes by name, whose ever the meter is that has it by now. */
  private void remove() {
    CloseActions removals = new CloseActions();
    synchronized (this) {
      isRemoved = true;
      Set<Meter> there = Collections.newSetFromMap(new IdentityHashMap<>());
      there.addAll(bound.isEmpty() ? List.of() : registry.getMeters());
      for (Meter meter : bound) {
        if (there.contains(meter)) {
          removals.add(() -> registry.remove(meter));
        }
      }
      bound.clear();
    }
    removals.run();
  }

  /** What registries add on one thread for a while. */
  private static final class Additions {

    private static final ThreadLocal<@Nullable Additions> NOTING = new ThreadLocal<>();

    /** A listener of a registry stays for as long as that. */
    private static final Set<MeterRegistry> HEARD = Collections.newSetFromMap(new WeakHashMap<>());

    private final Set<Meter> added = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Who registers something, of which a listener of the registry makes this a part. */
    private final @Nullable Additions outer;

    private Additions(@Nullable Additions outer) {
      this.outer = outer;
    }

    static void listenTo(MeterRegistry registry) {
      synchronized (HEARD) {
        if (HEARD.add(registry)) {
          registry.config().onMeterAdded(Additions::note);
        }
      }
    }

    private static void note(Meter meter) {
      Additions noting = NOTING.get();
      if (noting != null) {
        noting.added.add(meter);
      }
    }

    static Additions begin() {
      Additions begun = new Additions(NOTING.get());
      NOTING.set(begun);
      return begun;
    }

    void end() {
      if (outer == null) {
        NOTING.remove();
      } else {
        NOTING.set(outer);
      }
    }

    boolean has(Meter meter) {
      return added.contains(meter);
    }
  }
}
