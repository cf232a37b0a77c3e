package io.headroom.redis;

import static io.headroom.redis.Link.bytes;
import static io.headroom.redis.Link.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** News from one server, from a cluster, and from another way to the same. */
class SubscriptionsTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();
  @RegisterExtension static final RedisExtension<RedisCluster> cluster = RedisExtension.cluster();

  private final ThreadLeaks leaks = ThreadLeaks.watch("lettuce-");
  private final List<String> heard = new CopyOnWriteArrayList<>();

  private void listen(RedisClients clients) {
    StatefulRedisPubSubConnection<byte[], byte[]> connection = done(clients.listen());
    connection.addListener(
        new RedisPubSubAdapter<byte[], byte[]>() {
          @Override
          public void message(byte[] channel, byte[] message) {
            heard.add(new String(message, StandardCharsets.UTF_8));
          }
        });
    done(connection.async().subscribe(bytes("news")).toCompletableFuture());
  }

  private void assertHears(RedisServer from, String message) {
    from.command("PUBLISH", "news", message);
    Link.eventually("news").until(() -> heard.contains(message));
  }

  private void close(RedisClients clients) {
    clients.close();
    leaks.assertNone();
    Link.eventually("connections to end").until(() -> redis.get().clients() == 0);
  }

  @Test
  void fromOneServer() {
    RedisClients clients = RedisAddress.of(redis.get().uri()).single(Link.TIMEOUT);
    listen(clients);
    assertHears(redis.get(), "one");
    assertThat(clients.client().getOptions().isAutoReconnect()).isTrue();

    redis.get().killClients("pubsub");
    Link.eventually("the subscription to be made again")
        .until(
            () -> {
              redis.get().command("PUBLISH", "news", "two");
              return heard.contains("two");
            });
    close(clients);
  }

  @Test
  void anotherWayFromTheSame() {
    try (RedisServer other = RedisServer.start()) {
      RedisClients clients =
          RedisAddress.of(other.uri()).single(RedisAddress.of(redis.get().uri()), Link.TIMEOUT);
      listen(clients);
      assertHears(redis.get(), "one");
      assertThat(other.clients()).isZero();
      close(clients);
    }
  }

  @Test
  void fromACluster() {
    RedisClients clients =
        RedisAddress.of(cluster.get().uris().toArray(String[]::new)).cluster(Link.TIMEOUT);
    listen(clients);
    for (RedisServer node : cluster.get().nodes()) {
      assertHears(node, node.name());
    }
    close(clients);
  }
}
