package io.headroom.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.FaultProxy.Direction;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.lettuce.core.api.StatefulConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When a connection is made, and which one is kept. */
class LaneTest {

  private static final long PAUSE = Duration.ofMillis(500).toNanos();

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private final List<CompletableFuture<StatefulConnection<byte[], byte[]>>> attempts =
      new ArrayList<>();
  private final List<StatefulConnection<byte[], byte[]>> made = new ArrayList<>();
  private final Lane<StatefulConnection<byte[], byte[]>> lane =
      new Lane<>(this::attempt, made::add);
  private RedisClients clients;

  @BeforeEach
  void begin() {
    clients = RedisAddress.of(redis.get().uri()).single(Link.TIMEOUT);
  }

  @AfterEach
  void end() {
    clients.close();
  }

  private CompletableFuture<StatefulConnection<byte[], byte[]>> attempt() {
    CompletableFuture<StatefulConnection<byte[], byte[]>> attempt = new CompletableFuture<>();
    attempts.add(attempt);
    return attempt;
  }

  private StatefulConnection<byte[], byte[]> connection() {
    return Link.done(clients.connect());
  }

  @Test
  void oneIsMadeAtATime() {
    lane.tick(1);
    lane.tick(1 + 10 * PAUSE);
    assertThat(attempts).hasSize(1);
    assertThat(lane.get()).isNull();
    assertThat(lane.whyNot()).isEqualTo("it has not answered yet");

    StatefulConnection<byte[], byte[]> connection = connection();
    attempts.get(0).complete(connection);
    assertThat(lane.get()).isSameAs(connection);
    assertThat(made).containsExactly(connection);
    assertThat(lane.firstMade()).isCompleted();
    lane.tick(1 + 20 * PAUSE);
    assertThat(attempts).as("it has one").hasSize(1);
  }

  @Test
  void afterAFailureItTriesAgainABitLater() {
    lane.tick(1);
    attempts.get(0).completeExceptionally(new RuntimeException(new IllegalStateException("why")));
    assertThat(lane.whyNot()).isEqualTo("java.lang.IllegalStateException: why");
    assertThat(lane.firstMade()).isNotDone();

    lane.tick(PAUSE);
    assertThat(attempts).hasSize(1);
    lane.tick(1 + PAUSE);
    assertThat(attempts).hasSize(2);
    attempts.get(1).complete(connection());
    assertThat(lane.get()).isNotNull();
  }

  @Test
  void whatCannotEvenBeTriedIsAFailure() {
    Lane<StatefulConnection<byte[], byte[]>> nowhere =
        new Lane<>(
            () -> {
              throw new IllegalStateException("on purpose");
            },
            made::add);
    nowhere.tick(1);
    assertThat(nowhere.get()).isNull();
    assertThat(nowhere.whyNot()).contains("on purpose");
    nowhere.tick(1 + PAUSE); // which is tried, and not under way for ever
    assertThat(made).isEmpty();
  }

  /** It may lead to where one does not want to go any more. */
  @Test
  void whatIsBeingMadeWhenItIsGivenUpIsNotKept() {
    lane.tick(1);
    lane.renew();
    StatefulConnection<byte[], byte[]> late = connection();
    attempts.get(0).complete(late);
    assertThat(lane.get()).isNull();
    Link.eventually("it to be closed").until(() -> !late.isOpen());

    lane.tick(1 + PAUSE);
    attempts.get(1).complete(connection());
    assertThat(lane.get()).isNotNull().isNotSameAs(late);
  }

  @Test
  void whatIsGivenUpIsClosed() {
    lane.tick(1);
    StatefulConnection<byte[], byte[]> first = connection();
    attempts.get(0).complete(first);
    lane.renew();
    assertThat(lane.get()).isNull();
    Link.eventually("it to be closed").until(() -> !first.isOpen());
    lane.renew(); // there is none
  }

  @Test
  void onceClosedItHasNone() {
    lane.tick(1);
    lane.close();
    StatefulConnection<byte[], byte[]> late = connection();
    attempts.get(0).complete(late);
    assertThat(lane.get()).isNull();
    Link.eventually("it to be closed").until(() -> !late.isOpen());
    lane.tick(1 + PAUSE);
    assertThat(attempts).hasSize(1);
    assertThat(made).isEmpty();
  }

  /** An attempt ends by itself where the server says nothing. */
  @Test
  void anAttemptDoesNotHang() {
    try (FaultProxy way = FaultProxy.to(redis.get())) {
      RedisClients behind = RedisAddress.of("redis://127.0.0.1:" + way.port()).single(Link.TIMEOUT);
      Lane<StatefulConnection<byte[], byte[]>> silent =
          new Lane<>(behind::connect, connection -> {});
      way.blackHole(Direction.BOTH);
      silent.tick(1);
      Link.eventually("the attempt to fail").until(() -> silent.whyNot().contains("Exception"));

      way.heal();
      silent.tick(1 + PAUSE);
      Link.eventually("the next one").until(() -> silent.get() != null);
      assertThat(silent.whyNot()).isEqualTo("it has not answered yet");
      behind.close();
    }
  }
}
