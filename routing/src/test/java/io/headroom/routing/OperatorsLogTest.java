package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.headroom.TimeSource;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What whoever is woken at night reads in the log: each thing once, and what to do. */
class OperatorsLogTest extends MonitorTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.headroom.routing");
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          lines.add(event.getLevel() + " " + event.getFormattedMessage());
        }
      };

  @BeforeEach
  void listen() {
    appender.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(appender);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  @Test
  void aNodeThatNeverAnsweredIsToldOfOnce() throws InterruptedException {
    servers.get(2).refusal = new SQLException("password authentication failed", "28P01");
    TopologyMonitor started = started(QUICK);
    started.awaitPrimary(-1, LONG);
    await().until(() -> failures.size() > 3);
    assertThat(lines)
        .filteredOn(line -> line.contains("'c'"))
        .singleElement()
        .asString()
        .startsWith("WARN orders: node 'c' does not answer: ")
        .endsWith("password authentication failed");
    assertThat(lines).contains("INFO orders: node 'b' answers: a replica on timeline 1 of cluster");
  }

  @Test
  void aWriterThatWasReplacedIsToldOfWithWhatToDo() throws InterruptedException {
    TopologyMonitor started = started(QUICK);
    started.awaitPrimary(-1, LONG);
    servers.get(1).is(NodeRole.PRIMARY, 2, 200);
    String why =
        "it takes writes on timeline 1, and 'b' is the primary on timeline 2: stop it, or clone it"
            + " anew";
    await()
        .untilAsserted(() -> assertThat(Refusal.of(nodes.get(0), started.current())).hasValue(why));
    await()
        .untilAsserted(
            () -> assertThat(lines).contains("WARN orders: node 'a' is not used: " + why));
    assertThat(Refusal.of(nodes.get(1), started.current())).isEmpty();
  }

  @Test
  void aCopyOfAnotherDatabaseIsToldOfWithBothNames() throws InterruptedException {
    servers.get(2).status =
        new NodeStatus(
            NodeRole.REPLICA, "theirs", "run", OptionalLong.of(1), 100, true, Optional.empty());
    TopologyMonitor started = started(QUICK);
    started.awaitPrimary(-1, LONG);
    await()
        .untilAsserted(
            () ->
                assertThat(lines)
                    .contains(
                        "WARN orders: node 'c' is not used: it is a copy of another database"
                            + " (theirs, not cluster): correct its pool's URL, or clone the server"
                            + " anew"));
  }

  @Test
  void refusalsAreToldOfByTheNumber() {
    HandTime time = new HandTime();
    RefusalLog refusals = new RefusalLog("orders", time);
    for (int i = 0; i < 1_000; i++) {
      refusals.refused(RouteReason.REFUSED_BUDGET);
    }
    assertThat(lines)
        .singleElement()
        .asString()
        .startsWith(
            "WARN orders: 1 read or write refused since the last word of this, the last for"
                + " REFUSED_BUDGET (a read: no replica is fresh enough, and primarySpill is used"
                + " up); the exceptions say more");
    time.advance(Duration.ofSeconds(10));
    refusals.refused(RouteReason.REFUSED_LOAD);
    assertThat(lines)
        .hasSize(2)
        .last()
        .asString()
        .startsWith(
            "WARN orders: 1000 reads and writes refused since the last word of this, the last for"
                + " REFUSED_LOAD (a read: no replica is fresh enough, and the primary is under"
                + " load)");
  }

  /** Two threads, of which the one tells of both, and only then the other looks at the clock. */
  @Test
  void noRefusalIsToldOfTwiceAndNobodyTellsOfNone() {
    List<Runnable> meanwhile = new ArrayList<>();
    HandTime hand = new HandTime();
    TimeSource time =
        new TimeSource() {
          @Override
          public long nanoTime() {
            List<Runnable> now = List.copyOf(meanwhile);
            meanwhile.clear();
            now.forEach(Runnable::run);
            return hand.nanoTime();
          }

          @Override
          public Instant wallTime() {
            return hand.wallTime();
          }
        };
    RefusalLog refusals = new RefusalLog("orders", time);
    meanwhile.add(
        () -> {
          refusals.refused(RouteReason.REFUSED_LOAD);
          hand.advance(Duration.ofSeconds(10));
        });
    refusals.refused(RouteReason.REFUSED_BUDGET);
    assertThat(lines)
        .hasSize(2)
        .allSatisfy(line -> assertThat(line).contains(": 1 read or write refused since"));
  }

  @Test
  void everyRefusalIsToldOfInWords() {
    for (RouteReason reason : RouteReason.values()) {
      if (reason.isRefusal()) {
        new RefusalLog("orders", new HandTime()).refused(reason);
        assertThat(lines).last().asString().contains("the last for " + reason + " (");
      }
    }
  }

  @Test
  void aListenerThatThrowsIsWarnedOfOnce() {
    RoutingListener bad =
        new RoutingListener() {
          @Override
          public void onUp(String cluster, String node) {
            throw new IllegalStateException("on purpose");
          }
        };
    SafeListener listener = new SafeListener("orders", List.of(bad));
    listener.onUp("a");
    listener.onUp("b");
    assertThat(lines)
        .singleElement()
        .asString()
        .startsWith("WARN cluster 'orders': listener io.headroom.routing.OperatorsLogTest$")
        .contains("threw, which changes nothing else; further failures of its class are logged");
  }
}
