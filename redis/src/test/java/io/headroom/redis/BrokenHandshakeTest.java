package io.headroom.redis;

import static io.headroom.redis.Link.bytes;
import static io.headroom.redis.Link.done;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A connection that ends in its handshake is made again once, however often that happens: else each
 * would be made again by two, nobody would close those beyond the last, and news would be heard
 * from them all.
 */
class BrokenHandshakeTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  /** Longer than the longest pause before Lettuce tries again. */
  private static final Duration A_WHILE = Duration.ofSeconds(3);

  /** As the server counts them. */
  private static String listeners() {
    return redis.get().command("PUBLISH", "news", "one").text();
  }

  @ParameterizedTest
  @CsvSource({"1, false", "4, false", "2, true"})
  void newsComeOnce(int handshakes, boolean hangs) {
    try (HandshakeBreaker way = new HandshakeBreaker(redis.get())) {
      newsComeOnce(way, handshakes, hangs);
    }
  }

  private static void newsComeOnce(HandshakeBreaker way, int handshakes, boolean hangs) {
    RedisClients clients = RedisAddress.of(way.uri()).single(Duration.ofSeconds(5));
    try {
      StatefulRedisPubSubConnection<byte[], byte[]> news = done(clients.listen());
      done(news.async().subscribe(bytes("news")).toCompletableFuture());
      assertThat(listeners()).isEqualTo("1");

      way.breakNext(handshakes, hangs);
      Link.eventually("handshakes to break").until(() -> way.left() == 0);
      Link.eventually("news to be heard again").until(() -> !listeners().equals("0"));
      Awaitility.await()
          .during(A_WHILE)
          .atMost(A_WHILE.multipliedBy(10))
          .untilAsserted(() -> assertThat(listeners()).isEqualTo("1"));

      done(news.closeAsync());
      Link.eventually("nobody to listen").until(() -> listeners().equals("0"));
    } finally {
      clients.close();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theFirstConnectionIsTriedAgain(boolean hangs) {
    try (HandshakeBreaker way = new HandshakeBreaker(redis.get())) {
      way.breakNext(2, hangs);
      try (Link link = Link.single(way.uri()).connected()) {
        assertThat(way.left()).isZero();
        assertThat(link.answers("first")).isTrue();
        Link.eventually("no other to be left").until(() -> redis.get().clients() == 1);
      }
    }
  }

  @Test
  void commandsGoOn() {
    try (HandshakeBreaker way = new HandshakeBreaker(redis.get());
        Link link = Link.single(way.uri()).connected()) {
      int before = redis.get().clients();
      way.breakNext(4, false);
      Link.eventually("handshakes to break").until(() -> way.left() == 0);
      link.awaitBack();
      Awaitility.await()
          .during(A_WHILE)
          .atMost(A_WHILE.multipliedBy(10))
          .untilAsserted(() -> assertThat(redis.get().clients()).isEqualTo(before));
    }
  }
}
