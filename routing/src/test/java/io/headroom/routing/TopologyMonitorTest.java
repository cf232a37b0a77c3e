package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.TimeSource;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TopologyMonitorTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final MonitorSettings QUICK =
      new MonitorSettings(Duration.ofMillis(20), Duration.ofMillis(300), Duration.ofHours(1));

  /** Probes only when asked to. */
  private static final MonitorSettings ON_DEMAND =
      new MonitorSettings(Duration.ofHours(1), Duration.ofSeconds(20), Duration.ofHours(1));

  private final ScriptedServers servers = new ScriptedServers(3);
  private List<Node> nodes = TestNodes.named("a", "b", "c");
  private final ProbeThreads threads = ProbeThreads.create(4);
  private final List<Exception> failures = new CopyOnWriteArrayList<>();
  private final Time time = new Time();
  private @Nullable TimelineStore store;
  private @Nullable TopologyMonitor monitor;

  /** Goes on by hand on top of the machine's clock. */
  private static final class Time implements TimeSource {

    private final AtomicLong ahead = new AtomicLong();

    @Override
    public long nanoTime() {
      return TimeSource.system().nanoTime() + ahead.get();
    }

    @Override
    public Instant wallTime() {
      return TimeSource.system().wallTime();
    }
  }

  private TopologyMonitor started(MonitorSettings settings) {
    TopologyMonitor made = made(settings, threads);
    monitor = made;
    made.start();
    return made;
  }

  private TopologyMonitor made(MonitorSettings settings, ProbeThreads shared) {
    return new TopologyMonitor(
        "orders",
        nodes,
        servers.connections(),
        servers,
        settings,
        shared,
        store,
        time,
        new ProbeObserver() {
          @Override
          public void onFailure(Node node, Exception cause) {
            failures.add(cause);
          }
        });
  }

  @AfterEach
  void close() {
    if (monitor != null) {
      monitor.close();
    }
    threads.close();
  }

  private static Node primaryOf(Topology topology) {
    Node primary = topology.primary();
    assertThat(primary).as("primary in %s", topology).isNotNull();
    return primary;
  }

  @Test
  void findsThePrimaryAndTellsTheNodesWhatTheyAnswered() throws InterruptedException {
    TopologyMonitor started = started(QUICK);
    assertThat(primaryOf(started.awaitPrimary(-1, LONG))).isSameAs(nodes.get(0));
    await().untilAsserted(() -> assertThat(nodes).allMatch(Node::isUp));
    assertThat(nodes.get(1).sample()).isNotNull();
    int asked = servers.get(1).asked.get();
    await().until(() -> servers.get(1).asked.get() > asked + 3);
    assertThat(servers.get(1).opened).hasValue(1); // one connection is kept
  }

  @Test
  void followsAPromotion() throws InterruptedException {
    TopologyMonitor started = started(QUICK);
    Topology before = started.awaitPrimary(-1, LONG);
    await().until(() -> nodes.get(1).isUp() && nodes.get(2).isUp());
    servers.get(0).refusal = new SQLException("refused", "08001");
    await().until(() -> started.current().primary() == null);
    servers.get(1).is(NodeRole.PRIMARY, 2, 120);
    servers.get(1).ends = Map.of(1L, 110L);
    Topology after = started.awaitPrimary(before.version(), LONG);
    assertThat(primaryOf(after)).isSameAs(nodes.get(1));
    assertThat(after.timeline()).isEqualTo(2);
    await().until(() -> started.current().ends().carriesOver(1, 110, 2));
    assertThat(started.current().ends().carriesOver(1, 111, 2)).isFalse();
    servers.get(0).refusal = null;
    await().until(() -> started.current().refused() == nodes.get(0).bit());
    assertThat(started.current().primary()).isSameAs(nodes.get(1));
  }

  @Test
  void asksWhereTimelinesEndedOnceAfterAChange() throws InterruptedException {
    TopologyMonitor started = started(QUICK);
    started.awaitPrimary(-1, LONG);
    int asked = servers.get(0).asked.get();
    await().until(() -> servers.get(0).asked.get() > asked + 5);
    assertThat(servers.get(0).endsAsked.get()).isBetween(1, 2);
    assertThat(servers.get(1).endsAsked).hasValue(0);
  }

  @Test
  void waitsForAPrimaryAsLongAsItIsTold() throws InterruptedException {
    servers.get(0).is(NodeRole.REPLICA, 1, 100);
    TopologyMonitor started = started(QUICK);
    Topology none = started.awaitPrimary(-1, Duration.ofMillis(50));
    assertThat(none.primary()).isNull();
    assertThat(none.trouble()).isNotBlank();
    CompletableFuture<Topology> waiting =
        CompletableFuture.supplyAsync(() -> awaitUnchecked(started));
    servers.get(2).is(NodeRole.PRIMARY, 2, 100);
    assertThat(primaryOf(waiting.join())).isSameAs(nodes.get(2));
  }

  private static Topology awaitUnchecked(TopologyMonitor monitor) {
    try {
      return monitor.awaitPrimary(-1, LONG);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aProbeThatIsUnderWayIsNotTakenForOneThatWasAskedFor() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    servers.get(0).answering = mayAnswer;
    int before = servers.get(0).asked.get();
    CompletableFuture<Boolean> first = probing(started);
    await().until(() -> servers.get(0).asked.get() == before + 1);
    CompletableFuture<Boolean> second = probing(started);
    CompletableFuture<Boolean> third = probing(started);
    assertThat(started.probeNow(nodes.get(0), Duration.ofMillis(50))).isFalse();
    mayAnswer.countDown();
    assertThat(first.join()).isTrue();
    assertThat(second.join()).isTrue();
    assertThat(third.join()).isTrue();
    assertThat(servers.get(0).asked.get()).isBetween(before + 2, before + 4);
  }

  private CompletableFuture<Boolean> probing(TopologyMonitor started) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return started.probeNow(nodes.get(0), LONG);
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
  }

  @Test
  void aProbeOfANodeThatDoesNotAnswerSaysSo() throws InterruptedException {
    TopologyMonitor started = started(QUICK);
    started.awaitPrimary(-1, LONG);
    servers.get(1).refusal = new SQLException("refused", "08001");
    assertThat(started.probeNow(nodes.get(1), LONG)).isFalse();
    assertThat(nodes.get(1).isUp()).isFalse();
    assertThat(failures).last().extracting(Throwable::getMessage).isEqualTo("refused");
    servers.get(1).refusal = null;
    assertThat(started.probeNow(nodes.get(1), LONG)).isTrue();
    assertThat(nodes.get(1).isUp()).isTrue();
  }

  @Test
  void aProbeThatHangsIsGivenUpAndItsConnectionAborted() throws InterruptedException {
    TopologyMonitor started = started(QUICK);
    started.awaitPrimary(-1, LONG);
    servers.get(0).hangsWhenAsked = true;
    await().until(() -> started.current().primary() == null);
    assertThat(failures).anyMatch(SQLTimeoutException.class::isInstance);
    await().until(() -> servers.get(0).aborted.get() > 1);
    int asked = servers.get(1).asked.get();
    await().until(() -> servers.get(1).asked.get() > asked + 3);
    servers.get(0).hangsWhenAsked = false;
    assertThat(primaryOf(started.awaitPrimary(-1, LONG))).isSameAs(nodes.get(0));
    await().until(() -> servers.get(0).open.get() == 1);
  }

  @Test
  void aDriverThatNeverComesBackHoldsUpNoOtherNode() throws InterruptedException {
    CountDownLatch never = new CountDownLatch(1);
    servers.get(1).opening = never;
    servers.get(2).opening = never;
    try (ProbeThreads one = ProbeThreads.create(1)) {
      TopologyMonitor made = made(QUICK, one);
      monitor = made;
      made.start();
      assertThat(primaryOf(made.awaitPrimary(-1, LONG))).isSameAs(nodes.get(0));
      await().until(() -> failures.size() >= 2); // both were given up
      int asked = servers.get(0).asked.get();
      await().until(() -> servers.get(0).asked.get() > asked + 5);
      never.countDown();
      await().until(() -> nodes.get(1).isUp() && nodes.get(2).isUp());
      made.close();
    }
  }

  @Test
  void aConnectionThatBrokeIsReplacedWithinTheProbe() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    servers.get(0).breakConnections();
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    assertThat(servers.get(0).opened).hasValue(2);
    assertThat(failures).isEmpty();
  }

  @Test
  void connectionsAreReopenedNowAndThen() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    time.ahead.addAndGet(Duration.ofMinutes(30).toNanos());
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    assertThat(servers.get(0).opened).hasValue(1);
    time.ahead.addAndGet(Duration.ofMinutes(60).toNanos());
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    assertThat(servers.get(0).opened).hasValue(2);
    assertThat(servers.get(0).open).hasValue(1);
  }

  @Test
  void aTokensTimelineFencesAtOnceAndHasTheNodesProbed() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    started.sawTimeline(1);
    assertThat(started.current().primary()).isSameAs(nodes.get(0));
    servers.get(1).is(NodeRole.PRIMARY, 2, 100);
    started.sawTimeline(2);
    assertThat(started.current().primary()).isNotSameAs(nodes.get(0));
    assertThat(primaryOf(started.awaitPrimary(-1, LONG))).isSameAs(nodes.get(1));
  }

  @Test
  void tellsOfEveryChangeInOrderWhateverAListenerDoes() throws InterruptedException {
    List<Topology> told = new CopyOnWriteArrayList<>();
    TopologyMonitor made = made(QUICK, threads);
    monitor = made;
    made.onChange(
        topology -> {
          throw new IllegalStateException("thrown by a test");
        });
    made.onChange(told::add);
    made.start();
    made.awaitPrimary(-1, LONG);
    for (int timeline = 2; timeline < 12; timeline++) {
      Topology before = made.current();
      servers.get(timeline % 3).is(NodeRole.PRIMARY, timeline, 100);
      made.awaitPrimary(before.version(), LONG);
      int wanted = timeline;
      await().until(() -> made.current().timeline() == wanted);
    }
    await().until(() -> told.get(told.size() - 1).version() == made.current().version());
    List<Long> versions = new ArrayList<>(told.stream().map(Topology::version).toList());
    assertThat(versions).isSorted().doesNotHaveDuplicates();
  }

  /** Else each start would warn of a missing primary, and of one that is not used. */
  @Test
  void tellsNothingOfAStartButItsEnd() throws InterruptedException {
    List<Topology> told = new CopyOnWriteArrayList<>();
    TopologyMonitor made = made(QUICK, threads);
    monitor = made;
    made.onChange(told::add);
    made.start();
    made.awaitPrimary(-1, LONG);
    await().until(() -> !told.isEmpty());
    assertThat(told.get(0).primary()).isSameAs(nodes.get(0));
    assertThat(told.get(0).refused()).isZero();
  }

  @Test
  void whatOnlyAPersonCanMendIsInTheMessage() throws InterruptedException {
    servers.get(0).refusal = new SQLFeatureNotSupportedException("the server is MariaDB", "0A000");
    TopologyMonitor started = started(QUICK);
    await()
        .untilAsserted(
            () ->
                assertThat(started.current().trouble())
                    .contains("'a' cannot be used: the server is MariaDB"));
    assertThat(started.awaitPrimary(-1, Duration.ZERO).primary()).isNull();
  }

  @Test
  void remembersTimelinesBeyondItsLife() throws InterruptedException {
    Map<String, Long> kept = new ConcurrentHashMap<>();
    store = storeOver(kept);
    servers.get(0).is(NodeRole.PRIMARY, 4, 100);
    TopologyMonitor first = started(QUICK);
    first.awaitPrimary(-1, LONG);
    first.sawTimeline(9); // a claim, which is not kept
    await().untilAsserted(() -> assertThat(kept).containsEntry("cluster", 4L));
    first.close();
    servers.get(0).is(NodeRole.PRIMARY, 3, 100); // a partitioned old primary
    nodes = TestNodes.named("a", "b", "c");
    TopologyMonitor second = started(QUICK);
    await().until(() -> second.current().timeline() == 4);
    assertThat(second.current().primary()).isNull();
  }

  private static TimelineStore storeOver(Map<String, Long> kept) {
    return new TimelineStore() {
      @Override
      public OptionalLong highest(String cluster) {
        Long known = kept.get(cluster);
        return known == null ? OptionalLong.empty() : OptionalLong.of(known);
      }

      @Override
      public void remember(String cluster, long timeline) {
        kept.merge(cluster, timeline, Math::max);
      }
    };
  }

  @Test
  void aStoreThatFailsStopsNothing() throws InterruptedException {
    store =
        new TimelineStore() {
          @Override
          public OptionalLong highest(String cluster) throws IOException {
            throw new IOException("thrown by a test");
          }

          @Override
          public void remember(String cluster, long timeline) {
            throw new IllegalStateException("thrown by a test");
          }
        };
    TopologyMonitor started = started(QUICK);
    assertThat(primaryOf(started.awaitPrimary(-1, LONG))).isSameAs(nodes.get(0));
    await().until(() -> nodes.get(1).isUp());
    assertThat(failures).isEmpty();
  }

  @Test
  void closingEndsProbesAndWaits() throws InterruptedException {
    servers.get(0).is(NodeRole.REPLICA, 1, 100);
    servers.get(2).hangsWhenAsked = true;
    TopologyMonitor started = started(ON_DEMAND);
    await().until(() -> servers.get(2).asked.get() == 1);
    CompletableFuture<Topology> waiting =
        CompletableFuture.supplyAsync(() -> awaitUnchecked(started));
    started.close();
    assertThat(waiting.join().primary()).isNull();
    await()
        .untilAsserted(
            () -> {
              for (int index = 0; index < 3; index++) {
                assertThat(servers.get(index).open).hasValue(0);
              }
            });
    assertThat(started.probeNow(nodes.get(0), LONG)).isFalse();
    started.close();
  }

  @Test
  void manyDataSourcesShareFewThreads() throws InterruptedException {
    List<TopologyMonitor> monitors = new ArrayList<>();
    List<ScriptedServers> fleets = new ArrayList<>();
    try (ProbeThreads few = ProbeThreads.create(3)) {
      for (int shard = 0; shard < 200; shard++) {
        ScriptedServers fleet = new ScriptedServers(3);
        fleet.get(2).hangsWhenAsked = shard % 10 == 0;
        fleets.add(fleet);
        TopologyMonitor shardMonitor =
            new TopologyMonitor(
                "shard " + shard,
                TestNodes.named("a", "b", "c"),
                fleet.connections(),
                fleet,
                new MonitorSettings(
                    Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofHours(1)),
                few,
                null,
                TimeSource.system(),
                ProbeObserver.NONE);
        monitors.add(shardMonitor);
        shardMonitor.start();
      }
      for (TopologyMonitor shardMonitor : monitors) {
        assertThat(shardMonitor.awaitPrimary(-1, LONG).primary()).isNotNull();
      }
      List<Integer> asked = fleets.stream().map(fleet -> fleet.get(0).asked.get()).toList();
      await()
          .until(
              () -> {
                for (int shard = 0; shard < 200; shard++) {
                  if (fleets.get(shard).get(0).asked.get() < asked.get(shard) + 2) {
                    return false;
                  }
                }
                return true;
              });
      monitors.forEach(TopologyMonitor::close);
    }
  }
}
