package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class BoundMetricsTest {

  private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(BoundMetricsTest.class);

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final AtomicInteger first = new AtomicInteger(1);
  private final AtomicInteger second = new AtomicInteger(2);

  @BeforeEach
  void listen() {
    LOGGER.setLevel(Level.WARN);
    LOGGER.setAdditive(false);
    log.start();
    LOGGER.addAppender(log);
  }

  @AfterEach
  void leave() {
    LOGGER.detachAppender(log);
    LOGGER.setAdditive(true);
    LOGGER.setLevel(null);
  }

  /** Two meters, as a binder of one of our modules has some. */
  private static Runnable bind(MeterRegistry registry, AtomicInteger owner) {
    return bound(registry, owner).removal();
  }

  private static BoundMetrics bound(MeterRegistry registry, AtomicInteger owner) {
    BoundMetrics bound = BoundMetrics.in(registry, "", BoundMetricsTest.class, "router 'orders'");
    for (String name : List.of("epoch", "shards")) {
      bound.gauge(name, "a figure", Tags.empty(), owner, AtomicInteger::get);
    }
    return bound;
  }

  private static double value(MeterRegistry registry, String name) {
    return registry.get(name).gauge().value();
  }

  @Test
  void theyGoWhenTheyAreRemovedAndOthersStay() {
    MeterRegistry registry = new SimpleMeterRegistry();
    Meter other = Gauge.builder("other", first, AtomicInteger::get).register(registry);
    Runnable removal = bind(registry, first);
    assertThat(registry.getMeters()).hasSize(3);
    removal.run();
    assertThat(registry.getMeters()).containsExactly(other);
    bind(registry, second);
    removal.run();
    assertThat(value(registry, "shards")).as("of its successor").isEqualTo(2);
    assertThat(log.list).isEmpty();
  }

  @Test
  void theSecondOfANameTakesNothingFromTheFirst() {
    MeterRegistry registry = new SimpleMeterRegistry();
    bind(registry, first);
    Runnable removal = bind(registry, second);
    assertThat(log.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .asString()
        .startsWith("router 'orders': the registry has its meters already")
        .contains("epoch")
        .contains("give each a name of its own");
    removal.run();
    assertThat(value(registry, "epoch")).isEqualTo(1);
    assertThat(value(registry, "shards")).isEqualTo(1);
  }

  /** Filters give meters other names than those by which they were registered. */
  @Test
  void filtersHideNeitherOfTheTwo() {
    MeterRegistry registry = new SimpleMeterRegistry();
    registry
        .config()
        .commonTags("service", "shop")
        .meterFilter(MeterFilter.renameTag("", "service", "app"))
        .meterFilter(
            new MeterFilter() {
              @Override
              public Meter.Id map(Meter.Id id) {
                return id.withName("shop." + id.getName()).withTag(Tag.of("zone", "a"));
              }
            });
    Runnable removal = bind(registry, first);
    bind(registry, second).run();
    assertThat(registry.getMeters()).hasSize(2);
    assertThat(log.list).hasSize(1);
    removal.run();
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void theSameOfRegistriesInOne() {
    SimpleMeterRegistry part = new SimpleMeterRegistry();
    CompositeMeterRegistry whole = new CompositeMeterRegistry();
    whole.add(part);
    Runnable removal = bind(whole, first);
    bind(whole, second).run();
    assertThat(value(part, "epoch")).isEqualTo(1);
    removal.run();
    assertThat(part.getMeters()).isEmpty();
  }

  @Test
  void allOfThemGoWhateverAListenerOfTheRegistryThrows() {
    MeterRegistry registry = new SimpleMeterRegistry();
    Runnable removal = bind(registry, first);
    IllegalStateException failure = new IllegalStateException("thrown by a test");
    registry
        .config()
        .onMeterRemoved(
            meter -> {
              throw failure;
            });
    assertThatThrownBy(removal::run).isSameAs(failure);
    assertThat(registry.getMeters()).isEmpty();
  }

  /** A registry removes by name, and would take what has come in their place. */
  @Test
  void whereTheRegistryWasClearedAnothersMetersStay() {
    MeterRegistry registry = new SimpleMeterRegistry();
    Runnable removal = bind(registry, first);
    registry.clear();
    Runnable others = bind(registry, second);
    assertThat(log.list).isEmpty();
    removal.run();
    assertThat(value(registry, "epoch")).isEqualTo(2);
    assertThat(value(registry, "shards")).isEqualTo(2);
    registry.clear();
    others.run();
    others.run();
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void whatIsBoundAfterTheRemovalDoesNotStay() {
    MeterRegistry registry = new SimpleMeterRegistry();
    BoundMetrics bound = BoundMetrics.in(registry, "", BoundMetricsTest.class, "router 'orders'");
    bound.removal().run();
    bound.gauge("epoch", "a figure", Tags.empty(), first, AtomicInteger::get);
    assertThat(registry.getMeters()).isEmpty();
  }

  /** A registry forgets none of its listeners. */
  @Test
  void thousandsOfBindingsLeaveOneListener() throws InterruptedException {
    AtomicInteger listeners = new AtomicInteger();
    MeterRegistry registry =
        new SimpleMeterRegistry() {
          @Override
          public Config config() {
            return new Config() {
              @Override
              public Config onMeterAdded(Consumer<Meter> listener) {
                listeners.incrementAndGet();
                return super.onMeterAdded(listener);
              }

              @Override
              public Config onMeterRemoved(Consumer<Meter> listener) {
                listeners.incrementAndGet();
                return super.onMeterRemoved(listener);
              }
            };
          }
        };
    ReferenceQueue<Object> gone = new ReferenceQueue<>();
    List<WeakReference<Object>> bindings = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      BoundMetrics binding = bound(registry, first);
      bindings.add(new WeakReference<>(binding, gone));
      binding.removal().run();
    }
    assertThat(listeners).hasValue(1);
    assertThat(registry.getMeters()).isEmpty();
    awaitGone(bindings, gone);
    List<WeakReference<Object>> registries = List.of(new WeakReference<>(registry, gone));
    registry = null;
    awaitGone(registries, gone);
  }

  private static void awaitGone(List<WeakReference<Object>> all, ReferenceQueue<Object> gone)
      throws InterruptedException {
    Set<Reference<?>> left = new HashSet<>(all);
    for (int looks = 0; looks < 100 && !left.isEmpty(); looks++) {
      System.gc();
      for (Reference<?> one = gone.remove(50); one != null; one = gone.poll()) {
        left.remove(one);
      }
    }
    assertThat(left).as("held by whom").isEmpty();
  }

  @Test
  void whatARegistryDeniesIsNoTrouble() {
    MeterRegistry registry = new SimpleMeterRegistry();
    registry.config().meterFilter(MeterFilter.denyNameStartsWith("epoch"));
    Runnable removal = bind(registry, first);
    bind(registry, second);
    assertThat(log.list).as("of the shards").hasSize(1);
    removal.run();
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void whoBindsAtTheSameMomentTakesNothingFromOthers() throws InterruptedException {
    MeterRegistry registry = new SimpleMeterRegistry();
    Map<Integer, Runnable> removals = new ConcurrentHashMap<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int owner = i;
      Thread thread =
          new Thread(
              () -> {
                BoundMetrics bound =
                    BoundMetrics.in(registry, "", BoundMetricsTest.class, "router " + owner);
                for (int figure = 0; figure < 200; figure++) {
                  Tags tags = Tags.of("router", "" + owner);
                  bound.gauge("figure." + figure, "one", tags, first, AtomicInteger::get);
                }
                removals.put(owner, bound.removal());
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    removals.forEach(
        (owner, removal) -> {
          removal.run();
          assertThat(registry.getMeters())
              .hasSize((removals.size() - 1 - owner) * 200)
              .noneMatch(meter -> ("" + owner).equals(meter.getId().getTag("router")));
        });
    assertThat(log.list).isEmpty();
  }

  /** By a listener of the registry, say, which has something of ours bound with the first meter. */
  @Test
  void oneBindingWithinAnotherIsItsOwn() {
    MeterRegistry registry = new SimpleMeterRegistry();
    List<Runnable> inner = new ArrayList<>();
    registry
        .config()
        .onMeterAdded(
            added -> {
              if (added.getId().getName().equals("epoch")) {
                BoundMetrics bound =
                    BoundMetrics.in(registry, "in.", BoundMetricsTest.class, "cache 'books'");
                bound.gauge("loads", "a figure", Tags.empty(), second, AtomicInteger::get);
                inner.add(bound.removal());
              }
            });
    Runnable removal = bind(registry, first);
    assertThat(log.list).isEmpty();
    removal.run();
    assertThat(registry.getMeters())
        .singleElement()
        .extracting(m -> m.getId().getName())
        .isEqualTo("in.loads");
    inner.get(0).run();
    assertThat(registry.getMeters()).isEmpty();
  }

  /** Such as one that counts meters by a meter. */
  @Test
  void whatAListenerOfTheRegistryAddsIsItsOwn() {
    MeterRegistry registry = new SimpleMeterRegistry();
    AtomicInteger depth = new AtomicInteger();
    registry
        .config()
        .onMeterAdded(
            added -> {
              if (depth.getAndIncrement() == 0) {
                registry.counter("seen");
              }
              depth.decrementAndGet();
            });
    Runnable removal = bind(registry, first);
    removal.run();
    assertThat(registry.getMeters()).extracting(meter -> meter.getId().getName()).contains("seen");
    assertThat(registry.find("epoch").gauge()).isNull();
  }
}
