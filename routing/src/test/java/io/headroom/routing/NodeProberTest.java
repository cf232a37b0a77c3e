package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeProberTest {

  private static final long LONG = TimeUnit.SECONDS.toNanos(30);

  /** Probes only when asked to, and is soon given up. */
  private static final MonitorSettings ON_DEMAND =
      new MonitorSettings(Duration.ofHours(1), Duration.ofMillis(50), Duration.ofHours(1));

  private final ScriptedServers servers = new ScriptedServers(1);
  private final ScriptedServers.Server server = servers.get(0);
  private final ProbeThreads threads = ProbeThreads.create(2);
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final CountDownLatch telling = new CountDownLatch(1);
  private final CountDownLatch mayTell = new CountDownLatch(1);

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
            public Runnable answered(Node node, Sample sample, Connection connection) {
              return () -> told.add("answered");
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

  /** A pool that throws what is no exception. */
  @Test
  void theNextProbeComesThoughWhatWasLentCouldNotBeGivenBack() throws InterruptedException {
    server.openingRefusal = new SQLException("sorry, too many clients already", "53300");
    server.lends = true;
    server.closing = new AssertionError("thrown by a test");
    for (int probe = 1; probe <= 3; probe++) {
      assertThat(prober.await(prober.request(), LONG)).isTrue();
      assertThat(server.lentForProbes).hasValue(probe);
      assertThat(told).hasSize(probe).containsOnly("answered");
    }
    assertThat(server.open).hasValue(0);
    server.closing = null;
  }

  /** What is told of a node must not hang on that. */
  @Test
  void aFailureIsToldOfThoughItsConnectionCouldNotBeClosed() throws InterruptedException {
    mayTell.countDown();
    assertThat(prober.await(prober.request(), LONG)).isTrue();
    server.closing = new AssertionError("thrown by a test");
    server.refusal = new SQLException("the connection is broken", "08006");
    assertThat(prober.await(prober.request(), LONG)).isFalse();
    assertThat(told).containsExactly("answered", "failed");
    server.closing = null;
    server.refusal = null;
    assertThat(prober.await(prober.request(), LONG)).isTrue();
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
