package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the monitor makes of the answers, and whom it tells. */
class TopologyMonitorTest extends MonitorTest {

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

  /** Else every old token would ask for the primary until the next failover. */
  @Test
  void asksWhereTimelinesEndedAgainWhereThatFailed() {
    servers.get(0).is(NodeRole.PRIMARY, 2, 300);
    servers.get(0).ends = Map.of(1L, 200L);
    servers.get(0).endsRefusal = new SQLException("canceled", "57014");
    TopologyMonitor started = started(QUICK);
    await().until(() -> servers.get(0).endsAsked.get() > 2);
    assertThat(started.current().ends().carriesOver(1, 150, 2)).isFalse();
    servers.get(0).endsRefusal = null;
    await().until(() -> started.current().ends().carriesOver(1, 150, 2));
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

  /** Who brings a token has a request to answer. */
  @Test
  void aTokensBearerWaitsForNoListener() throws InterruptedException {
    CountDownLatch mayGoOn = new CountDownLatch(1);
    CountDownLatch toldOfTheFence = new CountDownLatch(1);
    TopologyMonitor made = made(ON_DEMAND, threads);
    monitor = made;
    made.start();
    made.awaitPrimary(-1, LONG);
    made.onChange(
        topology -> {
          if (topology.primary() == null) {
            toldOfTheFence.countDown();
            awaitUninterruptibly(mayGoOn);
          }
        });
    made.sawTimeline(2); // returns, or this test never does
    assertThat(toldOfTheFence.await(60, TimeUnit.SECONDS)).isTrue();
    mayGoOn.countDown();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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

  /** Whose threads are gone ends what is left on its own. */
  @Test
  void oneConnectionThatCannotBeClosedLeavesNoOtherOpen() throws InterruptedException {
    ProbeThreads gone = ProbeThreads.create(2);
    TopologyMonitor made = made(ON_DEMAND, gone);
    made.start();
    made.awaitPrimary(-1, LONG);
    await().until(() -> nodes.stream().allMatch(Node::isUp));
    for (int index = 0; index < 3; index++) {
      awaitQuiet(servers.get(index));
    }
    gone.close();
    AssertionError bug = new AssertionError("thrown by a test");
    servers.get(0).closing = bug;
    assertThatThrownBy(made::close).isSameAs(bug);
    for (int index = 0; index < 3; index++) {
      assertThat(servers.get(index).open).hasValue(0);
    }
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
}
