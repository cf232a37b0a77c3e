package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import io.headroom.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Condition;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class NodeProberTest {

  private static final long LONG = TimeUnit.SECONDS.toNanos(30);
  private static final String WHAT_FOLLOWED_FAILED = "node 'a' has answered a probe; what was to";

  /** Probes only when asked to, and is soon given up. */
  private static final MonitorSettings ON_DEMAND =
      new MonitorSettings(Duration.ofHours(1), Duration.ofMillis(50), Duration.ofHours(1));

  private final ScriptedServers servers = new ScriptedServers(1);
  private final ScriptedServers.Server server = servers.get(0);
  private final ProbeThreads threads = ProbeThreads.create(2);
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final CountDownLatch telling = new CountDownLatch(1);
  private final CountDownLatch mayTell = new CountDownLatch(1);

  /** While these are there, whoever asks on, or is told, throws them, as bugs do. */
  private volatile @Nullable Error asking;

  private volatile @Nullable Error hearing;
  private volatile int openWhenTold;

  private static void throwIfThere(@Nullable Error bug) {
    if (bug != null) {
      throw bug;
    }
  }

  private final Logger logger = (Logger) LoggerFactory.getLogger(TopologyMonitor.class);
  private final List<ILoggingEvent> warned = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (event.getLevel() == Level.WARN) {
            warned.add(event);
          }
        }
      };

  private final NodeProber prober =
      new NodeProber(
          TestNodes.named("a").get(0),
          server,
          servers,
          ON_DEMAND,
          threads,
          TimeSource.system(),
          new NodeProber.Outcomes() {
            @Override
            public NodeProber.Answer answered(Node node, Sample sample) {
              return new NodeProber.Answer() {
                @Override
                public void askMore(Connection connection) {
                  throwIfThere(asking);
                }

                @Override
                public void tell() {
                  told.add("answered");
                  openWhenTold = server.open.get();
                  throwIfThere(hearing);
                }
              };
            }

            /** Its thread is held up before anybody has heard of it. */
            @Override
            public void failed(Node node, Exception cause) {
              telling.countDown();
              await(mayTell);
              told.add("failed");
            }

            @Override
            public long nextInNanos(int failures, boolean hangs) {
              return LONG;
            }
          });

  @BeforeEach
  void listen() {
    appender.start();
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    logger.addAppender(appender);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  private static Condition<ILoggingEvent> saying(String start, Throwable why) {
    return new Condition<>(
        event ->
            event.getFormattedMessage().startsWith(start)
                && event.getThrowableProxy() instanceof ThrowableProxy proxy
                && proxy.getThrowable() == why,
        "saying '%s' with %s",
        start,
        why);
  }

  /** A pool that throws what is no exception. */
  @Test
  void theNextProbeComesThoughWhatWasLentCouldNotBeGivenBack() throws InterruptedException {
    server.openingRefusal = new SQLException("sorry, too many clients already", "53300");
    server.lends = true;
    AssertionError bug = new AssertionError("thrown by a test");
    server.closing = bug;
    for (int probe = 1; probe <= 3; probe++) {
      assertThat(prober.await(prober.request(), LONG)).isTrue();
      assertThat(server.lentForProbes).hasValue(probe);
      assertThat(told).hasSize(probe).containsOnly("answered");
      assertThat(warned).haveExactly(probe, saying(WHAT_FOLLOWED_FAILED, bug));
    }
    assertThat(server.open).hasValue(0);
    server.closing = null;
  }

  /** It may be the last that there is. */
  @Test
  void theConnectionStaysWhereWhoeverIsToldThrows() throws InterruptedException {
    AssertionError bug = new AssertionError("thrown by a test");
    hearing = bug;
    for (int probe = 1; probe <= 3; probe++) {
      assertThat(prober.await(prober.request(), LONG)).isTrue();
      assertThat(told).hasSize(probe).containsOnly("answered");
      assertThat(warned).hasSize(probe).are(saying("not everybody could be told", bug));
    }
    assertThat(server.opened).hasValue(1);
    assertThat(server.open).hasValue(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAnswerIsToldOfWhateverComesOfTheNextQuestion(boolean lent) throws InterruptedException {
    if (lent) {
      server.openingRefusal = new SQLException("sorry, too many clients already", "53300");
      server.lends = true;
    }
    AssertionError bug = new AssertionError("thrown by a test");
    asking = bug;
    assertThat(prober.await(prober.request(), LONG)).isTrue();
    assertThat(told).containsExactly("answered");
    assertThat(openWhenTold).as("what is lent has been given back").isEqualTo(lent ? 0 : 1);
    assertThat(warned).haveExactly(1, saying(WHAT_FOLLOWED_FAILED, bug));
    assertThat(server.open).as("nobody knows how far it came").hasValue(0);
    asking = null;
    assertThat(prober.await(prober.request(), LONG)).isTrue();
    assertThat(told).containsExactly("answered", "answered");
  }

  /** What is told of a node must not hang on that. */
  @Test
  void aFailureIsToldOfThoughItsConnectionCouldNotBeClosed() throws InterruptedException {
    mayTell.countDown();
    server.closing = new AssertionError("thrown by a test");
    server.askedRefusal = new SQLException("the connection is broken", "08006");
    assertThat(prober.await(prober.request(), LONG)).isFalse();
    assertThat(server.opened).as("of which a new one").hasValue(1);
    assertThat(told).containsExactly("failed");
    server.closing = null;
    server.askedRefusal = null;
    assertThat(prober.await(prober.request(), LONG)).isTrue();
    assertThat(told).containsExactly("failed", "answered");
  }

  @AfterEach
  void close() {
    mayTell.countDown();
    prober.close();
    threads.close();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(LONG, TimeUnit.NANOSECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Its thread may come back meanwhile, so that nothing but its own report is missing. */
  private void aProbeIsGivenUpAndItsReportIsLate() {
    CountDownLatch mayAnswer = new CountDownLatch(1);
    server.answering = mayAnswer;
    prober.request();
    await(telling);
    server.answering = null;
    mayAnswer.countDown();
  }

  @Test
  void whatANewerProbeSaysIsNotUndoneByTheLateReportOfOneThatWasGivenUp()
      throws InterruptedException {
    aProbeIsGivenUpAndItsReportIsLate();
    long second = prober.request();
    assertThat(prober.await(second, TimeUnit.MILLISECONDS.toNanos(200)))
        .as("a newer probe has ended while the older one's report is on its way")
        .isFalse();
    mayTell.countDown();
    assertThat(prober.await(second, LONG)).isTrue();
    assertThat(told).containsExactly("failed", "answered");
  }

  @Test
  void closingWhileAReportIsLateLeavesNoConnection() {
    aProbeIsGivenUpAndItsReportIsLate();
    prober.close();
    mayTell.countDown();
    Awaitility.await().until(() -> server.open.get() == 0);
  }

  @Test
  void theNextProbeIsScheduledOnceTheLateReportIsThere() throws InterruptedException {
    aProbeIsGivenUpAndItsReportIsLate();
    mayTell.countDown();
    Awaitility.await().until(() -> told.contains("failed"));
    assertThat(prober.await(prober.request(), LONG)).isTrue();
    assertThat(told).containsExactly("failed", "answered");
  }
}
