package io.headroom.redis;

import static io.headroom.redis.Link.done;
import static io.headroom.redis.Link.failure;
import static io.headroom.redis.Link.sum;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Commands whose connection ends: nobody knows whether they have run. Lettuce would send them once
 * more, or forget them until their time is over.
 */
class LostConnectionTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  @RegisterExtension static final RedisExtension<RedisCluster> cluster = RedisExtension.cluster();

  /** More than the tests wait for an answer. */
  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private FaultProxy way;
  private Link link;

  @BeforeEach
  void begin() {
    redis.get().flush();
    way = FaultProxy.to(redis.get());
    link = Link.single("redis://127.0.0.1:" + way.port(), TIMEOUT).connected();
    assertThat(sum(link.add("a", 1))).isEqualTo(1L);
  }

  @AfterEach
  void end() {
    link.close();
    way.close();
  }

  /** What is sent again goes before all else on a new connection. */
  private void assertFailsAndIsNotSentTwice(Runnable end) {
    way.blackHole(FaultProxy.Direction.TO_CLIENT);
    CompletableFuture<List<Object>> lost = link.add("a", 1);
    Link.eventually("it to run").until(() -> redis.get().command("GET", "a").text().equals("2"));
    end.run();
    way.heal();
    assertThat(failure(lost)).isInstanceOf(RedisCallException.class);
    link.awaitBack();
    assertThat(redis.get().command("GET", "a").text()).as("it ran once, not twice").isEqualTo("2");
  }

  /** As a server that is shut down does: the end of the stream, and no error. */
  @RepeatedTest(3)
  void whatWasUnderWayFailsAndIsNotSentTwice() {
    assertFailsAndIsNotSentTwice(way::closeAll);
  }

  /** As a server that is killed does. */
  @RepeatedTest(3)
  void whatWasUnderWayFailsWhereTheConnectionIsReset() {
    assertFailsAndIsNotSentTwice(way::resetAll);
  }

  /** The connection is gone, and who writes is the first to notice. */
  @RepeatedTest(20)
  void whatCannotBeWrittenFails() {
    way.blackHole(FaultProxy.Direction.TO_CLIENT);
    way.resetAll();
    CompletableFuture<List<Object>> lost = link.add("a", 1);
    way.heal();
    assertThat(failure(lost)).isInstanceOf(RedisCallException.class);
    link.awaitBack();
  }

  /** What is under way to other nodes is none of its business. */
  @Test
  void aNodeThatDiesFailsWhatIsUnderWayToIt() {
    try (Link nodes = Link.cluster(cluster.get().uris(), TIMEOUT).connected()) {
      String elsewhere = onAnotherNodeThan("dying");
      nodes.awaitTicking(
          "both to answer", () -> nodes.answers("dying") && nodes.answers(elsewhere));
      RedisServer dying = cluster.get().primaryOf("dying");
      RedisServer other = cluster.get().primaryOf(elsewhere);
      dying.stop();
      other.stop();
      CompletableFuture<List<Object>> lost = nodes.add("dying", 1);
      CompletableFuture<List<Object>> late = nodes.add(elsewhere, 1);
      dying.kill();
      assertThat(failure(lost)).isInstanceOf(RedisCallException.class);
      assertThat(late).isNotDone();
      other.resume();
      assertThat(done(late)).hasSize(1);
    } finally {
      cluster.heal();
    }
  }

  private static String onAnotherNodeThan(String key) {
    return IntStream.range(0, 100)
        .mapToObj(i -> "other-" + i)
        .filter(some -> !cluster.get().primaryOf(some).equals(cluster.get().primaryOf(key)))
        .findFirst()
        .orElseThrow();
  }
}
