package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A monitor over three scripted servers, the first of which is the primary. */
abstract class MonitorTest {

  static final Duration LONG = Duration.ofSeconds(30);
  static final MonitorSettings QUICK =
      new MonitorSettings(Duration.ofMillis(20), Duration.ofMillis(300), Duration.ofHours(1));

  /** Probes only when asked to. */
  static final MonitorSettings ON_DEMAND =
      new MonitorSettings(Duration.ofHours(1), Duration.ofSeconds(20), Duration.ofHours(1));

  final ScriptedServers servers = new ScriptedServers(3);
  List<Node> nodes = TestNodes.named("a", "b", "c");
  final ProbeThreads threads = ProbeThreads.create(4);
  final List<Exception> failures = new CopyOnWriteArrayList<>();
  final Time time = new Time();
  @Nullable TimelineStore store;
  @Nullable TopologyMonitor monitor;

  /** Goes on by hand on top of the machine's clock. */
  static final class Time implements TimeSource {

    final AtomicLong ahead = new AtomicLong();

    @Override
    public long nanoTime() {
      return TimeSource.system().nanoTime() + ahead.get();
    }

    @Override
    public Instant wallTime() {
      return TimeSource.system().wallTime();
    }
  }

  final TopologyMonitor started(MonitorSettings settings) {
    TopologyMonitor made = made(settings, threads);
    monitor = made;
    made.start();
    return made;
  }

  final TopologyMonitor made(MonitorSettings settings, ProbeThreads shared) {
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
  final void close() {
    if (monitor != null) {
      monitor.close();
    }
    threads.close();
  }

  /** Nobody has asked it for a while. */
  static void awaitQuiet(ScriptedServers.Server server) {
    int[] before = {-1};
    await()
        .during(Duration.ofMillis(300))
        .until(
            () -> {
              boolean quiet = server.asked.get() == before[0];
              before[0] = server.asked.get();
              return quiet;
            });
  }

  static Node primaryOf(Topology topology) {
    Node primary = topology.primary();
    assertThat(primary).as("primary in %s", topology).isNotNull();
    return primary;
  }

  static Topology awaitUnchecked(TopologyMonitor monitor) {
    try {
      return monitor.awaitPrimary(-1, LONG);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
