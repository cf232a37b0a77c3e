package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.NestedExceptionUtils;

/** Shards whose servers are slow to answer are waited for together. */
class OpenedTogetherTest {

  private static final String URL = "jdbc:together:";
  private static final int SERVERS = 4;

  /**
   * Answers no probe before the servers of all shards were asked, and then says that it is down.
   */
  private static final class Together extends TestDriver {

    private final CountDownLatch all = new CountDownLatch(SERVERS);
    private final Map<String, Boolean> metByUrl = new ConcurrentHashMap<>();
    private volatile int patienceSeconds = 15;

    Together() {
      super(URL);
    }

    @Override
    public @Nullable Connection connect(String url, Properties info) throws SQLException {
      if (!acceptsURL(url)) {
        return null;
      }
      if (Thread.currentThread().getName().startsWith("headroom-probe")
          && metByUrl.putIfAbsent(url, false) == null) {
        all.countDown();
        metByUrl.put(url, met());
      }
      throw new SQLTransientConnectionException("nobody is here", "08001");
    }

    private boolean met() throws SQLException {
      try {
        return all.await(patienceSeconds, TimeUnit.SECONDS);
      } catch (InterruptedException givenUp) {
        throw new SQLTransientConnectionException("given up", "08001", givenUp);
      }
    }
  }

  private final Together driver = new Together();

  @BeforeEach
  void register() throws SQLException {
    DriverManager.registerDriver(driver);
  }

  @AfterEach
  void deregister() throws SQLException {
    DriverManager.deregisterDriver(driver);
  }

  @Test
  void allServersAreAskedBeforeTheFirstShardIsWaitedFor() {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.routing.probe-timeout=20s",
            "headroom.database.drift.on-drift=off",
            "headroom.database.shards.s0.primary.url=" + URL + "s0a",
            "headroom.database.shards.s0.replicas.b.url=" + URL + "s0b",
            "headroom.database.shards.s1.primary.url=" + URL + "s1a",
            "headroom.database.shards.s1.replicas.b.url=" + URL + "s1b")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(Databases.class).clusters().keySet())
                  .containsExactly("s0", "s1");
              assertThat(driver.metByUrl).hasSize(SERVERS).doesNotContainValue(false);
            });
  }

  /** The first of the file is told, with the others; what did open is closed. */
  @Test
  void shardsThatCannotBeOpenedAreToldTogether() {
    Applications.bare()
        .withPropertyValues(
            "headroom.database.routing.probe-timeout=100ms",
            "headroom.database.routing.local-zone=here",
            "headroom.database.drift.on-drift=off",
            "headroom.database.shards.s0.primary.url=" + URL + "s0a",
            "headroom.database.shards.s0.primary.zone=here",
            "headroom.database.shards.s0.replicas.b.url=" + URL + "s0b",
            "headroom.database.shards.s1.primary.url=" + URL + "s1a",
            "headroom.database.shards.s1.replicas.b.url=" + URL + "s1b",
            "headroom.database.shards.s2.primary.url=" + URL + "s2a",
            "headroom.database.shards.s2.replicas.b.url=" + URL + "s2b")
        .run(
            context -> {
              Throwable failure = context.getStartupFailure();
              assertThat(failure).isNotNull();
              Throwable own = NestedExceptionUtils.getMostSpecificCause(failure);
              assertThat(own).hasMessageContaining("'s1'").hasMessageContaining("zone");
              assertThat(allSuppressed(failure))
                  .anySatisfy(other -> assertThat(other).hasMessageContaining("shards.s2"));
            });
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("headroom-databases"));
  }

  /** Nobody waits for what nobody wants any more, and nothing of it is left. */
  @Test
  void anInterruptedStartWaitsNoLonger() throws Exception {
    driver.patienceSeconds = 300;
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread starting =
        new Thread(
            () ->
                Applications.bare()
                    .withPropertyValues(
                        "headroom.database.routing.probe-timeout=60s",
                        "headroom.database.drift.on-drift=off",
                        "headroom.database.shards.s0.primary.url=" + URL + "s0a",
                        "headroom.database.shards.s0.replicas.b.url=" + URL + "s0b",
                        "headroom.database.shards.s1.primary.url=" + URL + "s1a")
                    .run(
                        context -> {
                          interrupted.complete(Thread.currentThread().isInterrupted());
                          assertThat(context)
                              .getFailure()
                              .rootCause()
                              .isInstanceOf(InterruptedException.class);
                        }));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    starting.setUncaughtExceptionHandler((thread, thrown) -> failure.set(thrown));
    starting.start();
    Awaitility.await().until(() -> driver.all.getCount() <= SERVERS - 2);
    starting.interrupt();
    starting.join(Duration.ofSeconds(40).toMillis());
    assertThat(starting.isAlive()).isFalse();
    assertThat(failure.get()).isNull();
    assertThat(interrupted).isCompletedWithValue(true);
    Awaitility.await().untilAsserted(() -> assertThat(ours()).isEmpty());
  }

  @Test
  void whatFailsAtTheEndHidesNothing() {
    IllegalStateException failure = new IllegalStateException("cannot start");
    IOException another = new IOException("cannot be closed");
    Databases.closeAfter(
        failure,
        () -> {
          throw another;
        });
    assertThat(failure).hasSuppressedException(another);
  }

  /** HikariCP leaves half of a pool open where it is closed by a thread that is interrupted. */
  @Test
  void whoIsInterruptedClosesAllTheSame() {
    AtomicBoolean seen = new AtomicBoolean(true);
    Thread.currentThread().interrupt();
    Databases.uninterrupted(() -> seen.set(Thread.currentThread().isInterrupted()));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(seen).isFalse();
  }

  /** Threads of pools, of probes, and of who opened them. */
  private static List<String> ours() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.matches("headroom-(databases|probe).*|s[01](/b)?:.*"))
        .toList();
  }

  private static List<Throwable> allSuppressed(Throwable failure) {
    List<Throwable> all = new ArrayList<>();
    for (Throwable each = failure; each != null; each = each.getCause()) {
      all.addAll(List.of(each.getSuppressed()));
    }
    return all;
  }
}
