package io.headroom.redis;

import static io.headroom.redis.Link.bytes;
import static io.headroom.redis.Link.done;
import static io.headroom.redis.Link.sum;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.ValueOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Scripts and commands go to the node that has the key, whoever that is by now. */
class ClusterLinkTest {

  private static final int KEYS = 60;

  @RegisterExtension static final RedisExtension<RedisCluster> cluster = RedisExtension.cluster();

  private final ThreadLeaks leaks = ThreadLeaks.watch("lettuce-");
  private Link link;

  @BeforeEach
  void begin() {
    link = Link.cluster(cluster.get().uris()).connected();
    link.awaitTicking("scripts to run", () -> link.answers("here")); // the first may come late
  }

  @AfterEach
  void end() {
    link.close();
    cluster.heal();
    leaks.assertNone();
  }

  private static AsyncCommand<byte[], byte[], byte[]> get(String key) {
    return new AsyncCommand<>(
        new Command<>(
            CommandType.GET,
            new ValueOutput<>(ByteArrayCodec.INSTANCE),
            new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(bytes(key))));
  }

  private List<AsyncCommand<byte[], byte[], byte[]>> dispatched() {
    StatefulConnection<byte[], byte[]> connection = link.commands.connection();
    assertThat(connection).isNotNull();
    List<AsyncCommand<byte[], byte[], byte[]>> all = new ArrayList<>();
    List<byte[]> keys = new ArrayList<>();
    for (int i = 0; i < KEYS; i++) {
      all.add(get("key-" + i));
      keys.add(bytes("key-" + i));
    }
    link.clients.dispatch(connection, all, keys);
    return all;
  }

  private void awaitAllKeys(String what) {
    link.awaitTicking(
        what,
        () -> {
          boolean all = true;
          for (int i = 0; i < KEYS; i++) {
            all &= link.answers("key-" + i);
          }
          return all;
        });
  }

  @Test
  void eachScriptRunsWhereItsKeyIs() {
    awaitAllKeys("all nodes to answer");
    cluster.get().flush();
    for (int i = 0; i < KEYS; i++) {
      assertThat(sum(link.add("key-" + i, i + 1))).isEqualTo(i + 1L);
    }
    for (RedisServer node : cluster.get().nodes()) {
      if (!node.isReplica()) {
        assertThat(node.command("DBSIZE").integer()).isPositive();
        node.flushScripts();
      }
    }
    for (int i = 0; i < KEYS; i++) {
      assertThat(sum(link.add("key-" + i, 1))).isEqualTo(i + 2L);
    }
  }

  @Test
  void commandsGoToEachNodeInOneGo() {
    awaitAllKeys("all nodes to answer");
    cluster.get().flush();
    for (int i = 0; i < KEYS; i++) {
      sum(link.add("key-" + i, i));
    }
    List<AsyncCommand<byte[], byte[], byte[]>> all = dispatched();
    for (int i = 0; i < KEYS; i++) {
      assertThat(done(all.get(i).toCompletableFuture())).asString().isEqualTo(Integer.toString(i));
    }
  }

  @Test
  void aReplicaTakesOverForADeadPrimary() {
    awaitAllKeys("all nodes to answer");
    link.tick();
    int before = link.clients.topology();
    assertThat(before).isNotZero();
    RedisServer primary = cluster.get().primaryOf("key-1");
    primary.kill();

    List<AsyncCommand<byte[], byte[], byte[]>> meanwhile = dispatched();
    long failed = meanwhile.stream().filter(one -> !isAnswered(one)).count();
    assertThat(failed).as("those of the dead one; none is left undone").isBetween(1L, KEYS - 1L);

    cluster.get().failOver(primary);
    awaitAllKeys("all keys to be there");
    link.awaitTicking("others to be in charge", () -> link.clients.topology() != before);
  }

  private static boolean isAnswered(AsyncCommand<byte[], byte[], byte[]> command) {
    try {
      command.toCompletableFuture().get(60, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException failed) {
      return false;
    } catch (InterruptedException | TimeoutException never) {
      throw new AssertionError("neither an answer nor a failure", never);
    }
  }

  @Test
  void aReplicaTakesOverInOrder() {
    awaitAllKeys("all nodes to answer");
    link.tick();
    int before = link.clients.topology();
    cluster.get().switchOver(cluster.get().primaryOf("key-1"));
    awaitAllKeys("all keys to be there");
    link.awaitTicking("others to be in charge", () -> link.clients.topology() != before);
    assertThat(link.clients.isCluster()).isTrue();
    assertThat(link.clients.staysBehind()).as("the client's library follows").isFalse();
  }
}
