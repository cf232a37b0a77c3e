package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedisServerTest {

  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final RedisServer server = RedisServer.start();

  @AfterAll
  static void close() {
    server.close();
  }

  @BeforeEach
  void heal() {
    server.heal();
    server.flush();
  }

  @Test
  void repliesOfAllKindsAreDecoded() {
    assertThat(server.command("SET", "name", "Grüße").text()).isEqualTo("OK");
    assertThat(server.command("GET", "name").text()).isEqualTo("Grüße");
    assertThat(server.command("GET", "name")).hasToString("Grüße");
    assertThat(server.command("INCR", "count").integer()).isEqualTo(1);
    assertThat(server.command("GET", "absent").isNil()).isTrue();
    assertThat(server.command("GET", "absent")).hasToString("(nil)");
    RedisReply nested = server.command("EVAL", "return {1, {'two', false}, {}}", "0");
    assertThat(nested).hasToString("[1, [two, (nil)], []]");
    assertThat(nested.elements().get(1).elements().get(0).text()).isEqualTo("two");
    assertThatThrownBy(nested::text).hasMessageContaining("[1, [two, (nil)], []], not a text");
    assertThatThrownBy(() -> server.command("GET", "name").integer())
        .hasMessageContaining("Grüße, not an integer");
    assertThatThrownBy(() -> server.command("DBSIZE").elements())
        .hasMessageContaining("not an array");
  }

  @Test
  void anErrorIsAnExceptionThatNamesServerAndCommand() {
    assertThatThrownBy(() -> server.command("INCR", "a", "b"))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("redis-0")
        .hasMessageContaining("refused INCR a b: ERR wrong number of arguments");
    assertThatThrownBy(() -> server.command("EVAL", "return {1, {err='inside'}}", "0"))
        .hasMessageContaining("inside");
    assertThatThrownBy(server::command).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aFullServerRefusesWritesAndHealBringsBackSettingsWhoeverChangedThem() {
    server.config("maxmemory", "1");
    assertThatThrownBy(() -> server.command("SET", "a", "b")).hasMessageContaining("OOM");
    server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    server.restart();
    assertThat(setting("maxmemory")).isEqualTo("1");
    server.heal();
    assertThat(setting("maxmemory")).isEqualTo("0");
    assertThat(setting("maxmemory-policy")).isEqualTo("noeviction");
    server.restart();
    assertThat(setting("maxmemory")).isEqualTo("0");
    assertThatThrownBy(() -> server.config("no-such-setting", "1"))
        .hasMessageContaining("no-such-setting");
  }

  @Test
  void aStoppedServerHangsInOpenConnectionsTooAndHealResumesIt() throws Exception {
    try (RedisSession session = new RedisSession(server.port(), LONG)) {
      session.command("PING");
      server.stop();
      assertThat(server.isRunning()).isTrue();
      assertThat(server.toString()).contains("stopped");
      assertThatThrownBy(() -> RedisSession.ask(server.port(), SHORT, "PING"))
          .isInstanceOf(SocketTimeoutException.class);
      assertThatThrownBy(() -> server.command("PING")).hasMessageContaining("call resume() first");
      CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> ping(session));
      assertThat(answer).isNotDone();
      server.heal();
      assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("PONG");
    }
  }

  @Test
  void aKilledServerRestartsEmptyOnItsPort() throws IOException {
    int port = server.port();
    server.command("SET", "a", "b");
    try (RedisSession session = new RedisSession(port, LONG)) {
      session.command("PING");
      server.kill();
      assertThatThrownBy(() -> session.command("PING")).isInstanceOf(IOException.class);
    }
    assertThat(server.isRunning()).isFalse();
    server.kill();
    assertThatThrownBy(server::stop).hasMessageContaining("call restart() first");
    assertThatThrownBy(() -> server.command("PING")).hasMessageContaining("call restart() first");
    server.restart();
    assertThat(server.port()).isEqualTo(port);
    assertThat(server.uri()).isEqualTo("redis://127.0.0.1:" + port);
    assertThat(server.command("DBSIZE").integer()).isZero();
  }

  @Test
  void aServerKeepsItsDataIfToldTo() {
    server.command("SET", "a", "b");
    server.restartKeepingData();
    assertThat(server.command("GET", "a").text()).isEqualTo("b");
    server.restart();
    assertThat(server.command("DBSIZE").integer()).isZero();
    assertThat(server.log()).contains("User requested shutdown", "DB loaded from disk");
  }

  @Test
  void aSleepingServerAnswersNobodyUntilItWakes() {
    server.command("SLOWLOG", "RESET");
    server.sleep(Duration.ofMillis(150));
    // That it is in the log of what has ended says that it came before.
    List<RedisReply> slowest = server.command("SLOWLOG", "GET").elements().get(0).elements();
    assertThat(slowest.get(2).integer()).isGreaterThanOrEqualTo(150_000);
    assertThat(slowest.get(3)).hasToString("[DEBUG, SLEEP, 0.15]");
    assertThatThrownBy(() -> server.sleep(Duration.ofMillis(-1))).hasMessageContaining("PT-0.001S");
  }

  @Test
  void scriptsAreForgotten() {
    String hash = server.command("SCRIPT", "LOAD", "return 7").text();
    assertThat(server.command("EVALSHA", hash, "0").integer()).isEqualTo(7);
    server.flushScripts();
    assertThatThrownBy(() -> server.command("EVALSHA", hash, "0")).hasMessageContaining("NOSCRIPT");
  }

  @Test
  void clientsOfOneTypeAreKilled() throws IOException {
    try (RedisSession subscriber = new RedisSession(server.port(), LONG);
        RedisSession other = new RedisSession(server.port(), LONG)) {
      subscriber.command("SUBSCRIBE", "news");
      other.command("PING");
      assertThat(server.clients()).isEqualTo(2);
      assertThat(server.killClients("pubsub")).isEqualTo(1);
      assertThatThrownBy(() -> subscriber.command("PING")).isInstanceOf(IOException.class);
      assertThat(other.command("PING").text()).isEqualTo("PONG");
      assertThat(server.killClients("normal")).isEqualTo(1);
      assertThatThrownBy(() -> other.command("PING")).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> server.killClients("others")).hasMessageContaining("others");
  }

  @Test
  void aReplicaFollowsIsPromotedAndGoesAtHeal() {
    server.command("SET", "a", "1");
    RedisServer replica = server.addReplica();
    assertThat(replica.name()).isEqualTo("redis-0-replica-1");
    assertThat(replica.isReplica()).isTrue();
    assertThat(replica.command("GET", "a").text()).isEqualTo("1");
    assertThatThrownBy(replica::flush).hasMessageContaining("READONLY");
    server.command("SET", "a", "2");
    replica.awaitReplayOf(server);
    assertThat(replica.command("GET", "a").text()).isEqualTo("2");
    assertThat(server.killClients("replica")).isEqualTo(1);
    replica.awaitReplayOf(server);

    replica.promote();
    replica.command("SET", "a", "3");
    server.follow(replica);
    assertThat(server.command("GET", "a").text()).isEqualTo("3");
    server.kill();
    assertThat(server.isReplica()).isTrue();
    server.restart();
    server.awaitReplayOf(replica);
    assertThat(server.command("GET", "a").text()).isEqualTo("3");

    server.heal();
    assertThat(server.isReplica()).isFalse();
    assertThat(server.command("GET", "a").text()).isEqualTo("3");
    assertThat(replica.isRunning()).isFalse();
    assertThatThrownBy(replica::restart).hasMessageContaining("redis-0-replica-1 is closed");
  }

  @Test
  void whatDoesNotFitTheRoleIsRefused() {
    RedisServer replica = server.addReplica();
    assertThatThrownBy(replica::addReplica).hasMessageContaining("give its primary");
    assertThatThrownBy(() -> server.follow(replica)).hasMessageContaining("give its primary");
    assertThatThrownBy(() -> server.follow(server)).hasMessageContaining("follow itself");
    assertThatThrownBy(server::promote).hasMessageContaining("takes writes already");
    assertThatThrownBy(() -> server.awaitReplayOf(replica)).hasMessageContaining("replays nothing");
    replica.close();
    assertThat(replica.isRunning()).isFalse();
    assertThat(server.isRunning()).isTrue();
  }

  @Test
  void theNetworkToAServerIsMadeBad() throws IOException {
    try (FaultProxy proxy = FaultProxy.to(server);
        RedisSession session = new RedisSession(proxy.port(), Duration.ofSeconds(1))) {
      assertThat(session.command("PING").text()).isEqualTo("PONG");
      proxy.blackHole(FaultProxy.Direction.TO_CLIENT);
      assertThatThrownBy(() -> session.command("SET", "a", "b"))
          .isInstanceOf(SocketTimeoutException.class);
      await().until(() -> !server.command("GET", "a").isNil());
    }
  }

  @Test
  void aPortThatSomeoneTakesFirstIsExchanged() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Iterator<Integer> ports =
          List.of(other.getLocalPort(), server.port(), FreePort.find()).iterator();
      try (RedisServer late = RedisGroup.start("late", RedisHome.shared(), ports::next).first()) {
        assertThat(late.port()).isNotIn(other.getLocalPort(), server.port());
        assertThat(late.command("PING").text()).isEqualTo("PONG");
      }
    }
  }

  @Test
  void aServerThatDoesNotStartShowsCommandAndLog() {
    assertThatThrownBy(
            () ->
                RedisGroup.start(
                    "wrong",
                    RedisHome.shared(),
                    RedisProgram.Mode.STANDALONE,
                    FreePort::find,
                    List.of("maxmemory plenty")))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("Redis ended with status 1")
        .hasMessageContaining("redis.conf --port ")
        .hasMessageContaining("maxmemory plenty");
  }

  @Test
  void whenClosedReplicasAndFilesAreGone() {
    RedisServer first = RedisServer.start();
    RedisServer replica = first.addReplica();
    List<Path> folders = List.of(first.program().folder(), replica.program().folder());
    assertThat(folders).allMatch(Files::exists);
    first.close();
    first.close();
    assertThat(folders).noneMatch(Files::exists);
    assertThat(first.isRunning() || replica.isRunning()).isFalse();
    assertThatThrownBy(first::heal).hasMessageContaining("redis-0 is closed");
  }

  private static String setting(String name) {
    return server.command("CONFIG", "GET", name).elements().get(1).text();
  }

  private static String ping(RedisSession session) {
    try {
      return session.command("PING").text();
    } catch (IOException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
