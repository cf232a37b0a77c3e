package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How nodes are probed: in time, apart from each other, on connections that are kept. */
class NodeProbingTest extends MonitorTest {

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
  void aRequestIsHeldForAnAnswerNoLongerThanItHasTime() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    HandTime hand = new HandTime();
    RequestContext late = RequestContext.builder().timeout(Duration.ofSeconds(1), hand).build();
    hand.advance(Duration.ofSeconds(1));
    CountDownLatch mayAnswer = new CountDownLatch(1);
    servers.get(0).answering = mayAnswer;
    assertThat(started.answers(nodes.get(0), late)).isFalse();
    assertThat(failures).as("probes that were given up meanwhile").isEmpty();
    mayAnswer.countDown();
    assertThat(started.answers(nodes.get(0), RequestContext.builder().build())).isTrue();
  }

  @Test
  void aProbeThatHangsIsGivenUpAndItsConnectionAborted() throws InterruptedException {
    TopologyMonitor started = started(QUICK);
    started.awaitPrimary(-1, LONG);
    servers.get(0).hangsWhenAsked = true;
    await().until(() -> started.current().primary() == null);
    await().until(() -> failures.stream().anyMatch(SQLTimeoutException.class::isInstance));
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

  private static SQLException full() {
    return new SQLException("FATAL: sorry, too many clients already", "53300");
  }

  @Test
  void whereNoConnectionIsLeftTheOldOneIsAskedUntilTheNextTime() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    servers.get(0).openingRefusal = full();
    time.ahead.addAndGet(Duration.ofMinutes(90).toNanos());
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    servers.get(0).openingRefusal = null;
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    assertThat(servers.get(0).opened).as("tries with every probe").hasValue(1);
    time.ahead.addAndGet(Duration.ofMinutes(90).toNanos());
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    assertThat(servers.get(0).opened).hasValue(2);
    assertThat(servers.get(0).open).hasValue(1);
    assertThat(failures).isEmpty();
  }

  /** The name may mean a server by now that is not there yet. */
  @Test
  void anyOtherFailureOfANewConnectionCountsThoughTheOldOneAnswers() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    servers.get(0).openingRefusal = new SQLException("Connection refused", "08001");
    time.ahead.addAndGet(Duration.ofMinutes(90).toNanos());
    assertThat(started.probeNow(nodes.get(0), LONG)).isFalse();
    assertThat(servers.get(0).open).hasValue(0);
    // the probe that comes by time may have asked as well
    assertThat(failures).extracting(Throwable::getMessage).containsOnly("Connection refused");
  }

  @Test
  void aLentConnectionIsGivenBackAfterEachQuestion() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    // a primary that has just been found is asked once more, along with all others
    awaitQuiet(servers.get(0));
    servers.get(0).openingRefusal = full();
    servers.get(0).lends = true;
    servers.get(0).breakConnections();
    for (int asked = 1; asked <= 3; asked++) {
      assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
      await().until(() -> servers.get(0).open.get() == 0);
      assertThat(servers.get(0).lentForProbes).hasValue(asked);
    }
    assertThat(primaryOf(started.current())).isSameAs(nodes.get(0));
  }

  /** Its listeners may want the connection, or take their time. */
  @Test
  void aLentConnectionIsGivenBackBeforeAnybodyIsTold() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    awaitQuiet(servers.get(0));
    servers.get(0).openingRefusal = full();
    servers.get(0).lends = true;
    servers.get(0).breakConnections();
    Queue<String> told = new ConcurrentLinkedQueue<>();
    started.onChange(
        now -> told.add(now.timeline() + " with " + servers.get(0).open.get() + " connections"));
    int endsAsked = servers.get(0).endsAsked.get();
    servers.get(0).ends = Map.of(1L, 150L);
    servers.get(0).is(NodeRole.PRIMARY, 2, 200);
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    await().until(() -> started.current().ends().carriesOver(1, 150, 2));
    assertThat(servers.get(0).endsAsked).as("asked on it").hasValue(endsAsked + 1);
    await().until(() -> told.size() == 2); // of the timeline, and of where the one before ended
    assertThat(told).containsOnly("2 with 0 connections");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoListensDoesNotWaitForAnotherQuestionThatHangs(boolean lent) throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    awaitQuiet(servers.get(0));
    if (lent) {
      servers.get(0).openingRefusal = full();
      servers.get(0).lends = true;
      servers.get(0).breakConnections();
    }
    Queue<Long> told = new ConcurrentLinkedQueue<>();
    started.onChange(now -> told.add(now.timeline()));
    int endsAsked = servers.get(0).endsAsked.get();
    CountDownLatch mayTellEnds = new CountDownLatch(1);
    servers.get(0).tellingEnds = mayTellEnds;
    servers.get(0).ends = Map.of(1L, 150L);
    servers.get(0).is(NodeRole.PRIMARY, 2, 200);
    CompletableFuture<Boolean> answered = probing(started);
    try {
      await().untilAsserted(() -> assertThat(told).containsExactly(2L));
      await().until(() -> servers.get(0).endsAsked.get() == endsAsked + 1);
      assertThat(answered.join()).isTrue();
    } finally {
      mayTellEnds.countDown();
    }
    await().until(() -> started.current().ends().carriesOver(1, 150, 2));
  }

  @Test
  void aConnectionIsRenewedWithoutTheHelpOfThePool() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    servers.get(0).openingRefusal = full();
    servers.get(0).lends = true;
    time.ahead.addAndGet(Duration.ofMinutes(90).toNanos());
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    assertThat(servers.get(0).lentForProbes).hasValue(0);
    assertThat(servers.get(0).open).hasValue(1);
  }

  @Test
  void theOldConnectionSaysNothingOfANameThatIsKnownToHaveMoved() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    servers.get(0).openingRefusal = full();
    servers.get(0).lends = true; // what the pool has is as old
    started.movedOn(nodes.get(0), "another run");
    await().until(() -> !nodes.get(0).isUp());
    assertThat(servers.get(0).lentForProbes).as("asked, and not believed").hasPositiveValue();
    assertThat(servers.get(0).open).hasValue(0);
    assertThat(started.current().trouble()).startsWith("'a' cannot be used: FATAL: sorry, too");
  }

  /** The pool has reached it since, or nobody would know that the name has moved. */
  @Test
  void aLentConnectionToWhereTheNameNowLeadsIsBelieved() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    servers.get(0).openingRefusal = full();
    servers.get(0).lends = true;
    servers.get(0).isRestarted();
    started.movedOn(nodes.get(0), "another run");
    for (int probe = 0; probe < 3; probe++) {
      assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    }
    assertThat(primaryOf(started.current())).isSameAs(nodes.get(0));
    servers.get(0).is(NodeRole.PRIMARY, 1, 100); // one that leads to the run before is lent
    assertThat(started.probeNow(nodes.get(0), LONG)).as("not believed").isFalse();
  }

  /** The probe knows already, by a connection of its own, that the name has moved. */
  @Test
  void whoMeetsTheRunThatWasLeftBringsNoNews() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    String before = servers.get(0).status.incarnation();
    servers.get(0).isRestarted();
    time.ahead.addAndGet(Duration.ofMinutes(90).toNanos());
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    servers.get(0).openingRefusal = full();
    servers.get(0).lends = true;
    started.movedOn(nodes.get(0), before);
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    assertThat(servers.get(0).lentForProbes).as("its own connection will do").hasValue(0);
    assertThat(primaryOf(started.current())).isSameAs(nodes.get(0));
  }

  /** What the pool has says nothing of a server that refuses new connections for another reason. */
  @Test
  void aFullServerThatThenRefusesEverybodyIsNotBelievedToBeThere() throws InterruptedException {
    TopologyMonitor started = started(ON_DEMAND);
    started.awaitPrimary(-1, LONG);
    servers.get(0).openingRefusal = full();
    servers.get(0).lends = true;
    servers.get(0).breakConnections();
    assertThat(started.probeNow(nodes.get(0), LONG)).isTrue();
    servers.get(0).openingRefusal = new SQLException("Connection refused", "08001");
    time.ahead.addAndGet(Duration.ofMinutes(90).toNanos());
    for (int probe = 0; probe < 3; probe++) {
      assertThat(started.probeNow(nodes.get(0), LONG)).isFalse();
    }
  }

  @Test
  void aLoanThatIsLongInComingIsGivenUp() throws InterruptedException {
    TopologyMonitor started = started(QUICK);
    started.awaitPrimary(-1, LONG);
    servers.get(0).lending = new CountDownLatch(1);
    servers.get(0).lends = true;
    servers.get(0).openingRefusal = full();
    servers.get(0).breakConnections();
    await().until(() -> failures.stream().anyMatch(SQLTimeoutException.class::isInstance));
    servers.get(0).lending = null;
    assertThat(primaryOf(started.awaitPrimary(-1, LONG))).isSameAs(nodes.get(0));
    await().until(() -> servers.get(0).open.get() == 0);
  }

  @Test
  void aNewConnectionThatIsLongInComingIsGivenUpWithTheOldOne() throws InterruptedException {
    TopologyMonitor started = started(QUICK);
    started.awaitPrimary(-1, LONG);
    CountDownLatch mayOpen = new CountDownLatch(1);
    servers.get(0).opening = mayOpen;
    time.ahead.addAndGet(Duration.ofMinutes(90).toNanos());
    await().until(() -> failures.stream().anyMatch(SQLTimeoutException.class::isInstance));
    servers.get(0).opening = null;
    mayOpen.countDown();
    assertThat(primaryOf(started.awaitPrimary(-1, LONG))).isSameAs(nodes.get(0));
    await().until(() -> servers.get(0).open.get() == 1);
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
