package io.headroom.redis;

import static io.headroom.redis.Link.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Redis is gone, hangs, or cannot be reached: calls fail, soon at once, until it is back. */
class RedisAwayTest {

  @RegisterExtension
  static final RedisExtension<RedisServer> redis = RedisExtension.single().exclusive();

  private final ThreadLeaks leaks = ThreadLeaks.watch("lettuce-");
  private Warnings log;
  private FaultProxy way;

  @BeforeEach
  void begin() {
    log = new Warnings(Link.class);
    way = FaultProxy.to(redis.get());
  }

  @AfterEach
  void end() {
    log.close();
    way.close();
    redis.heal();
    leaks.assertNone();
  }

  private Link link() {
    return Link.single("redis://127.0.0.1:" + way.port());
  }

  private void assertDoesWithout(Runnable begin, Runnable end) {
    try (Link link = link().connected()) {
      begin.run();
      link.awaitAway();
      for (int i = 0; i < 1_000; i++) {
        CompletableFuture<?> call = link.add("a", 1);
        assertThat(call).as("nobody waits").isDone();
        assertThat(failure(call)).isSameAs(RedisCallException.AWAY);
      }
      assertThat(log.said()).hasSize(1);
      assertThat(log.said().get(0)).startsWith("WARN Redis at here does not answer");

      end.run();
      link.awaitBack();
      assertThat(log.said()).hasSize(2).last().isEqualTo("INFO Redis at here answers");
    }
  }

  @Test
  void killed() {
    assertDoesWithout(() -> redis.get().kill(), () -> redis.get().restart());
  }

  @Test
  void stopped() {
    assertDoesWithout(() -> redis.get().stop(), () -> redis.get().resume());
  }

  @ParameterizedTest
  @EnumSource(Direction.class)
  void nothingArrives(Direction direction) {
    assertDoesWithout(() -> way.blackHole(direction), way::heal);
  }

  @Test
  void connectionsAreBrokenOffAndRefused() {
    assertDoesWithout(
        () -> {
          way.refuse();
          way.resetAll();
        },
        way::heal);
  }

  @Test
  void aConnectionThatIsBrokenOffIsMadeAgain() {
    try (Link link = link().connected()) {
      way.resetAll();
      link.awaitBack();
      way.closeAll();
      link.awaitBack();
    }
  }

  /** The other end has vanished without a word, and another server stands in its place. */
  @Test
  void aConnectionThatIsStuckIsMadeAnew() {
    try (Link link = link().connected();
        RedisServer other = RedisServer.start()) {
      redis.get().stop();
      way.retarget("127.0.0.1", other.port()); // which concerns no open connection
      link.awaitAway();

      link.awaitBack();

      assertThat(link.made()).isGreaterThan(1);
      assertThat(other.command("GET", "back").isNil()).isFalse();
      redis.get().resume();
      Link.eventually("the stuck one to be given up").until(() -> way.connections() == 1);
    }
  }

  /** Though the log says why, time and again. */
  @Test
  void aPasswordIsNotInTheLog() {
    try (Warnings client = new Warnings("io.lettuce");
        Link link = Link.single("redis://nobody:s3cr3tword@127.0.0.1:" + way.port())) {
      link.commands.isNotReached();
      AtomicInteger minutes = new AtomicInteger();
      Link.eventually("the reason to be said")
          .until(
              () -> {
                long later = TimeUnit.MINUTES.toNanos(minutes.addAndGet(2));
                link.commands.tick(System.nanoTime() + later, done -> {});
                return log.said().stream().anyMatch(line -> line.contains("WRONGPASS"));
              });
      assertThat(log.said()).noneMatch(line -> line.contains("s3cr3tword"));
      assertThat(client.said()).noneMatch(line -> line.contains("s3cr3tword"));
    }
  }

  @Test
  void itIsNotThereAtTheStart() {
    way.refuse();
    assertIsReachedLater();
  }

  @Test
  void itDoesNotAnswerAtTheStart() {
    way.blackHole(Direction.TO_CLIENT);
    assertIsReachedLater();
  }

  private void assertIsReachedLater() {
    try (Link link = link()) {
      assertThat(link.commands).hasToString("here, not connected");
      assertThat(failure(link.add("a", 1))).as("nobody waits").isSameAs(RedisCallException.AWAY);
      link.tick();
      link.commands.isNotReached();
      link.commands.isNotReached();
      for (int i = 0; i < 100; i++) {
        assertThat(failure(link.add("a", 1))).isSameAs(RedisCallException.AWAY);
      }
      assertThat(log.said())
          .singleElement()
          .asString()
          .startsWith("WARN Redis at here cannot be reached yet: tests wait, until it can (");
      assertThat(link.commands.firstMade()).isNotDone();

      way.heal();
      link.awaitBack();
      assertThat(link.commands.firstMade()).isCompleted();
      assertThat(log.said()).hasSize(2).last().isEqualTo("INFO Redis at here answers");
    }
  }
}
