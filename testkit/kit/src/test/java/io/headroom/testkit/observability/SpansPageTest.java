package io.headroom.testkit.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.headroom.SpanContext;
import io.headroom.cache.TieredCache;
import io.headroom.routing.NodeView;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardStrategy;
import io.headroom.sharding.ShardedDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.micrometer.common.KeyValue;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** docs/spans.md lists every span, as they are. */
class SpansPageTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1).exclusive();

  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  /** A row of the page: what is in its columns. */
  private record Row(
      String title, Set<String> tags, Set<String> outcomes, Set<String> details, String text) {}

  private static Map<String, Row> rows() throws IOException {
    Map<String, Row> rows = new TreeMap<>();
    for (String line : Files.readAllLines(Documents.inProject("docs/spans.md"))) {
      if (line.startsWith("| `headroom.")) {
        String[] cells = line.split("\\|", 8);
        rows.put(
            words(cells[1]).iterator().next(),
            new Row(
                words(cells[2]).iterator().next(),
                words(cells[3]),
                words(cells[4]),
                words(cells[5]),
                cells[6]));
      }
    }
    return rows;
  }

  private static Set<String> words(String cell) {
    Set<String> words = new TreeSet<>();
    Matcher code = CODE.matcher(cell);
    while (code.find()) {
      words.add(code.group(1));
    }
    return words;
  }

  private static Set<String> keys(Iterable<KeyValue> values) {
    return StreamSupport.stream(values.spliterator(), false)
        .map(KeyValue::getKey)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Does of everything that makes spans as much as brings all of their tags and details. */
  private static List<SpanContext> observed() throws Exception {
    Traces traces = new Traces();
    try (TieredCache<String, String> letters =
            TieredCache.<String, String>builder("<cache>", key -> key)
                .spans(traces.spans())
                .build();
        TieredCache<String, String> broken =
            TieredCache.<String, String>builder(
                    "<cache>",
                    key -> {
                      throw new IllegalStateException("broken");
                    })
                .spans(traces.spans())
                .build()) {
      letters.getAll(List.of("a", "b"));
      letters.get("c");
      assertThat(catchThrowable(() -> broken.get("a"))).isNotNull();
    }
    scatter(traces);
    failOver(traces);
    return traces.ended();
  }

  private static void scatter(Traces traces) throws SQLException {
    try (ShardRouter<Long> router =
            ShardRouter.builder(ShardStrategy.hashedLongs())
                .name("<router>")
                .map(ShardMap.of("a"))
                .spans(traces.spans())
                .build();
        ShardedDataSource sharded =
            ShardedDataSource.builder(router)
                .dataSources(Map.of("a", postgres.dataSource(0)))
                .build()) {
      sharded.scatter().query("SELECT 1", row -> row.getInt(1)).toList();
      sharded.scatter().query("SELECT 1 / 0", row -> row.getInt(1)).toPartialList();
      assertThat(
              catchThrowable(
                  () -> sharded.scatter().query("SELECT 1 / 0", row -> row.getInt(1)).toList()))
          .isInstanceOf(SQLException.class);
    }
  }

  private static void failOver(Traces traces) {
    try (ReplicaDataSource cluster =
        ReplicaDataSource.builder("<cluster>")
            .primary("a", postgres.dataSource(0))
            .replica("b", postgres.replicasOf(0).get(0).dataSource(postgres.database()))
            .probeInterval(Duration.ofMillis(50))
            .spans(traces.spans())
            .build()) {
      await().until(() -> cluster.nodes().stream().anyMatch(NodeView::primary));
      postgres.server(0).kill();
      await().until(() -> cluster.nodes().stream().noneMatch(NodeView::primary));
      postgres.replicasOf(0).get(0).promote();
      await()
          .until(
              () ->
                  traces.ended().stream()
                      .anyMatch(one -> one.work().name().equals("headroom.routing.failover")));
    } finally {
      postgres.heal();
    }
  }

  @Test
  void thePageIsWhatIsObserved() throws Exception {
    Map<String, Row> page = rows();
    List<SpanContext> all = observed();
    assertThat(all.stream().map(one -> one.work().name()).collect(Collectors.toSet()))
        .isEqualTo(page.keySet());
    for (SpanContext one : all) {
      String name = one.work().name();
      Row row = page.get(name);
      assertThat(one.getContextualName()).as(name).isEqualTo(row.title());
      assertThat(keys(one.getLowCardinalityKeyValues()))
          .as("tags of %s", name)
          .isEqualTo(row.tags());
      assertThat(keys(one.getHighCardinalityKeyValues()))
          .as("details of %s", name)
          .isEqualTo(row.details());
      assertThat(row.outcomes()).as("outcomes of %s", name).contains(one.outcome());
      String origin = one.work().tags().get("origin");
      if (origin != null) {
        assertThat(words(row.text())).as("origins of %s", name).contains(origin);
      }
    }
    assertThat(all.stream().map(one -> one.work().name() + " " + one.outcome()))
        .contains(
            "headroom.cache.load answered",
            "headroom.cache.load failed",
            "headroom.sharding.scatter answered",
            "headroom.sharding.scatter partial",
            "headroom.sharding.scatter failed",
            "headroom.routing.failover promoted");
  }
}
