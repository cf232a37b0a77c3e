package io.headroom.redis;

import static io.headroom.redis.Link.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** That a connection is spared what nobody calls; another Lettuce may make it elsewhere. */
class AsyncOnlyClientTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private final RedisClients clients = RedisAddress.of(redis.get().uri()).single(Link.TIMEOUT);

  @AfterEach
  void close() {
    clients.close();
  }

  @Test
  void aConnectionForCommandsHasNoOthers() {
    StatefulRedisConnection<?, ?> connection =
        (StatefulRedisConnection<?, ?>) done(clients.connect());
    assertThat(done(connection.async().ping().toCompletableFuture())).isEqualTo("PONG");
    assertThat(connection.sync()).isNull();
    assertThat(connection.reactive()).isNull();
  }

  @Test
  void aConnectionForNewsHasNoOthers() {
    StatefulRedisPubSubConnection<?, ?> connection = done(clients.listen());
    assertThat(done(connection.async().ping().toCompletableFuture())).isEqualTo("PONG");
    assertThat(connection.sync()).isNull();
    assertThat(connection.reactive()).isNull();
  }
}
