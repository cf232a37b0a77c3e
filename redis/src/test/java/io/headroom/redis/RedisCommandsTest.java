package io.headroom.redis;

import static io.headroom.redis.Link.failure;
import static io.headroom.redis.Link.sum;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts on a server that runs, that forgets, that refuses. */
class RedisCommandsTest {

  private static final int OFTEN = 50;

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private final ThreadLeaks leaks = ThreadLeaks.watch("lettuce-");
  private Warnings log;
  private Link link;

  @BeforeEach
  void begin() {
    redis.get().flush();
    log = new Warnings(Link.class);
    link = Link.single(redis.get().uri()).connected();
  }

  @AfterEach
  void end() {
    link.close();
    log.close();
    leaks.assertNone();
    Link.eventually("connections to end").until(() -> redis.get().clients() == 0);
  }

  @Test
  void aScriptRunsOnItsKeysWithItsArguments() {
    assertThat(sum(link.add("a", 3))).isEqualTo(3L);
    assertThat(sum(link.add("a", 4))).isEqualTo(7L);
    assertThat(sum(link.add("b", 1))).isEqualTo(1L);
    assertThat(link.commands).hasToString("here, connected");
    assertThat(log.said()).isEmpty();
  }

  @Test
  void aScriptThatTheServerDoesNotKnowIsSent() {
    redis.get().flushScripts();
    assertThat(sum(link.add("a", 1))).isEqualTo(1L);

    redis.get().flushScripts();
    assertThat(sum(link.add("a", 1))).as("it ran once, not twice").isEqualTo(2L);
    assertThat(redis.get().command("SCRIPT", "EXISTS", Link.SUM.digest()).elements().get(0))
        .hasToString("1");
  }

  /** As if the server forgot it between the two. */
  @Test
  void itIsSentNoMoreThanOnce() {
    Throwable failure = failure(link.refused("NOSCRIPT on purpose"));
    assertThat(failure).isInstanceOf(RedisCallException.class).hasMessageContaining("NOSCRIPT");
  }

  @Test
  void anErrorOfTheScriptIsNoReasonToDoWithoutRedis() {
    for (int i = 0; i < OFTEN; i++) {
      assertThat(failure(link.refused("ERR on purpose")))
          .isInstanceOf(RedisCallException.class)
          .hasCauseInstanceOf(RedisCommandExecutionException.class)
          .hasMessageContaining("ERR on purpose");
      assertThat(link.commands.isUp()).isTrue();
    }
    redis.get().command("RPUSH", "list", "a");
    assertThat(failure(link.add("list", 1))).hasMessageContaining("WRONGTYPE");
    assertThat(sum(link.add("a", 1))).isEqualTo(1L);
    assertThat(log.said()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"READONLY", "LOADING", "CLUSTERDOWN", "MASTERDOWN", "BUSY", "MISCONF", "NOAUTH"})
  void aServerThatCannotDoItsWorkCountsAsAwayUntilItCan(String error) {
    for (int i = 0; link.commands.isUp() && i < OFTEN; i++) {
      assertThat(failure(link.refused(error + " on purpose"))).hasMessageContaining(error);
    }
    assertThat(link.commands.isUp()).isFalse();
    assertThat(link.commands).hasToString("here, away");
    assertThat(failure(link.add("a", 1))).isSameAs(RedisCallException.AWAY);
    assertThat(link.commands.openConnection()).isNull();
    assertThat(link.commands.connection()).isNotNull();
    assertThat(log.said())
        .singleElement()
        .asString()
        .startsWith("WARN Redis at here does not answer: tests wait, until it does (")
        .contains(error + " on purpose");

    link.awaitBack();
    assertThat(sum(link.add("a", 1))).as("nothing ran meanwhile").isEqualTo(1L);
    assertThat(log.said()).hasSize(2).last().isEqualTo("INFO Redis at here answers");
  }

  @Test
  void aFewFailuresAreNoReasonToDoWithoutRedis() {
    for (int i = 0; i < 4; i++) {
      failure(link.refused("BUSY on purpose"));
    }
    assertThat(link.commands.isUp()).isTrue();
    assertThat(sum(link.add("a", 1))).isEqualTo(1L);
  }

  /** What is sent otherwise counts as well. */
  @Test
  void othersTellWhatCameOfTheirCommands() {
    assertThat(link.commands.openConnection()).isSameAs(link.commands.connection()).isNotNull();
    takeItForAway();

    link.commands.ended(null);
    assertThat(link.commands.isUp()).as("known by an answer that is late").isFalse();
    link.awaitBack();
    assertThat(log.said()).hasSize(2).last().isEqualTo("INFO Redis at here answers");
  }

  /** Half of the last twenty, of five at least: what a process pays until it knows. */
  @Test
  void tenFailuresInARowAreEnough() {
    assertThat(failuresUntilAway()).as("of one that has hardly been used").isBetween(1, 5);
    link.awaitBack();
    for (int i = 0; i < 20; i++) {
      link.commands.ended(null);
    }
    assertThat(failuresUntilAway()).as("of one that has been well").isEqualTo(10);
  }

  private int failuresUntilAway() {
    int failures = 0;
    while (link.commands.isUp()) {
      link.commands.ended(RedisCallException.AWAY);
      failures++;
    }
    return failures;
  }

  private void takeItForAway() {
    for (int i = 0; link.commands.isUp() && i < OFTEN; i++) {
      link.commands.ended(RedisCallException.AWAY);
    }
    assertThat(link.commands.isUp()).isFalse();
  }

  /** What the client's library says when it has as many under way as it takes. */
  @Test
  void moreCommandsThanTheClientTakesSayNothingOfRedis() {
    RedisException tooMany =
        new RedisException("Request queue size exceeded: 10000. Commands are not accepted");
    for (int i = 0; i < OFTEN; i++) {
      link.commands.ended(tooMany);
    }
    assertThat(link.commands.isUp()).isTrue();
    assertThat(log.said()).isEmpty();
  }

  @Test
  void aProbeThatThrowsIsFollowedByAnother() {
    takeItForAway();
    AtomicInteger probes = new AtomicInteger();
    for (int i = 1; i <= 2; i++) {
      assertThatThrownBy(
              () ->
                  link.commands.tick(
                      System.nanoTime(),
                      done -> {
                        probes.incrementAndGet();
                        throw new IllegalStateException("on purpose");
                      }))
          .hasMessage("on purpose");
      assertThat(probes).hasValue(i);
    }
  }

  @Test
  void oneProbeAtATimeIsUnderWay() {
    takeItForAway();
    List<Runnable> underWay = new ArrayList<>();
    link.commands.tick(System.nanoTime(), underWay::add);
    link.commands.tick(System.nanoTime(), underWay::add);
    assertThat(underWay).hasSize(1);

    underWay.get(0).run();
    link.commands.tick(System.nanoTime(), underWay::add);
    assertThat(underWay).hasSize(2);
    underWay.get(1).run();
    link.awaitBack();
    link.commands.tick(System.nanoTime(), underWay::add);
    assertThat(underWay).as("none while it is there").hasSize(2);
  }

  @Test
  void aConnectionThatIsGivenUpIsMadeAnew() {
    link.commands.renew();
    assertThat(failure(link.add("a", 1))).isSameAs(RedisCallException.AWAY);
    assertThat(link.commands).hasToString("here, not connected");

    link.connected();
    assertThat(link.made()).isEqualTo(2);
    assertThat(sum(link.add("a", 1))).isEqualTo(1L);
    Link.eventually("the other to end").until(() -> redis.get().clients() == 1);
  }

  @Test
  void onceClosedItFailsAtOnceAndSaysNoMore() {
    link.close();
    for (int i = 0; i < OFTEN; i++) {
      assertThat(failure(link.add("a", 1))).isSameAs(RedisCallException.AWAY);
    }
    assertThat(link.commands.isUp()).isFalse();
    link.commands.tick(System.nanoTime(), Runnable::run);
    assertThat(link.commands.connection()).isNull();
    link.commands.isNotReached();
    assertThat(log.said()).isEmpty();
  }
}
