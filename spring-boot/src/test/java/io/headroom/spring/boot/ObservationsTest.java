package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.SpanContext;
import io.headroom.Spans;
import io.headroom.routing.NodeView;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.spring.cache.HeadroomCache;
import io.headroom.spring.cache.HeadroomCacheManager;
import io.headroom.testkit.servers.PostgresExtension;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.ApplicationContext;

/** Loads, scatters and failovers are observed where Spring Boot has a registry for that. */
class ObservationsTest {

  private static final String CACHE = "headroom.caches.titles.ttl=1m";

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(2).replicas(1).exclusive();

  @AfterEach
  void heal() {
    postgres.heal();
  }

  private static String url(int server) {
    return postgres.server(server).jdbcUrl(postgres.database());
  }

  private static Object load(ApplicationContext context) {
    HeadroomCache titles =
        Objects.requireNonNull(context.getBean(HeadroomCacheManager.class).getCache("titles"));
    return titles.get(1L, () -> "Emma");
  }

  @Test
  void aLoadIsPartOfWhatItsCallerDoesAndATimer() {
    Applications.plain()
        .withPropertyValues(CACHE)
        .run(
            context -> {
              assertThat(context).hasSingleBean(Spans.class);
              ObservationRegistry registry = context.getBean(ObservationRegistry.class);
              AtomicReference<Observation> seen = new AtomicReference<>();
              Observation request = Observation.start("request", registry);
              try (Observation.Scope scope = request.openScope()) {
                assertThat(scope).isNotNull();
                HeadroomCache titles =
                    Objects.requireNonNull(
                        context.getBean(HeadroomCacheManager.class).getCache("titles"));
                titles.get(
                    1L,
                    () -> {
                      seen.set(registry.getCurrentObservation());
                      return "Emma";
                    });
              }
              request.stop();
              assertThat(seen.get().getContextView().getName()).isEqualTo("headroom.cache.load");
              assertThat(seen.get().getContextView().getParentObservation()).isSameAs(request);
              assertThat(
                      context
                          .getBean(MeterRegistry.class)
                          .get("headroom.cache.load")
                          .tags("cache", "titles", "origin", "miss", "outcome", "answered")
                          .timer()
                          .count())
                  .isEqualTo(1);
            });
  }

  @Test
  void aPropertySwitchesThemOff() {
    Applications.plain()
        .withPropertyValues(CACHE, "headroom.observations.enabled=off")
        .run(
            context -> {
              assertThat(context).doesNotHaveBean(Spans.class);
              assertThat(load(context)).isEqualTo("Emma");
              assertThat(context.getBean(MeterRegistry.class).find("headroom.cache.load").meter())
                  .isNull();
            });
  }

  /** So a tracer's own API can be used without observations. */
  @Test
  void aBeanOfTheApplicationsOwnMakesThem() {
    Queue<String> begun = new ConcurrentLinkedQueue<>();
    Spans own =
        new Spans() {
          @Override
          public Span begin(Work work, Span parent) {
            begun.add(work.title());
            return Span.NONE;
          }

          @Override
          public Span current() {
            return null;
          }
        };
    Applications.plain()
        .withPropertyValues(CACHE)
        .withBean(Spans.class, () -> own)
        .run(
            context -> {
              assertThat(load(context)).isEqualTo("Emma");
              assertThat(begun).containsExactly("load titles");
            });
  }

  @Test
  void aScatterHasOneForEachShard() {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.shards.a.primary.url=" + url(0),
            "headroom.database.shards.b.primary.url=" + url(1))
        .run(
            context -> {
              ShardedDataSource sharded = context.getBean(ShardedDataSource.class);
              assertThat(
                      sharded
                          .scatter()
                          .query("SELECT 1", row -> row.getInt(1))
                          .reduce(0, Integer::sum))
                  .isEqualTo(2);
              MeterRegistry meters = context.getBean(MeterRegistry.class);
              assertThat(meters.get("headroom.sharding.scatter").timer().count()).isEqualTo(1);
              assertThat(meters.get("headroom.sharding.scatter.shard").timer().count())
                  .isEqualTo(2);
            });
  }

  @Test
  void aFailoverHasOne() {
    Queue<Map<String, String>> failovers = new ConcurrentLinkedQueue<>();
    Applications.bare()
        .withPropertyValues(
            "headroom.database.name=orders",
            "headroom.database.routing.probe-interval=50ms",
            "headroom.database.primary.url=" + url(0),
            "headroom.database.replicas.b.url="
                + postgres.replicasOf(0).get(0).jdbcUrl(postgres.database()))
        .withBean(ObservationHandler.class, () -> new Failovers(failovers))
        .run(
            context -> {
              ReplicaDataSource orders = context.getBean(ReplicaDataSource.class);
              Awaitility.await().until(() -> primary(orders).equals("primary"));
              postgres.server(0).kill();
              Awaitility.await().until(() -> primary(orders).equals("none"));
              postgres.replicasOf(0).get(0).promote();
              Awaitility.await().until(() -> !failovers.isEmpty());
              assertThat(failovers.peek())
                  .containsEntry("cluster", "orders")
                  .containsEntry("from", "primary")
                  .containsEntry("to", "b")
                  .containsEntry("outcome", "promoted");
            });
  }

  private static String primary(ReplicaDataSource source) {
    return source.nodes().stream()
        .filter(NodeView::primary)
        .map(NodeView::name)
        .findFirst()
        .orElse("none");
  }

  /** Notes what is known of each failover at its end. */
  private record Failovers(Queue<Map<String, String>> all)
      implements ObservationHandler<SpanContext> {

    @Override
    public void onStop(SpanContext context) {
      if (context.work().name().equals("headroom.routing.failover")) {
        Map<String, String> values = new TreeMap<>(context.details());
        values.putAll(context.work().tags());
        values.put("outcome", context.outcome());
        all.add(values);
      }
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return context instanceof SpanContext;
    }
  }
}
