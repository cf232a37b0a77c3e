package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a write whose primary dies while its pool holds it. */
@SuppressWarnings("try") // scopes are opened for their effect
class ScriptedWritesTest {

  private static final Duration TIME = Duration.ofMillis(200);

  private final ScriptedServers servers = new ScriptedServers(2);
  private final CountDownLatch held = new CountDownLatch(1);
  private ReplicaDataSource dataSource;

  private void open(Duration primaryWait) {
    dataSource = servers.pair().primaryWait(primaryWait).build();
  }

  @AfterEach
  void close() {
    held.countDown();
    dataSource.close();
  }

  private Node node(int index) {
    return dataSource.routes().nodes().get(index);
  }

  /** Writes, and says where. */
  private int write() throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("INSERT");
      return node(0).load().inFlight() > 0 ? 0 : 1;
    }
  }

  private CompletableFuture<Integer> writer(RequestContext request) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (RequestContext.Scope scope = request.attach()) {
            return write();
          } catch (SQLException e) {
            throw new CompletionException(e);
          }
        });
  }

  /** Its connections are gone, and the pool waits for new ones until its own time-out. */
  private void thePrimaryDiesUnderAWriter() {
    servers.get(0).opening = held;
    Awaitility.await().until(() -> node(0).load().inFlight() == 1);
    servers.get(1).is(NodeRole.PRIMARY, 2, 500);
    probe(1);
    assertThat(dataSource.routes().monitor().current().primary()).isSameAs(node(1));
  }

  private void probe(int index) {
    try {
      dataSource.routes().monitor().probeNow(node(index), Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** With a state, or without one where nothing was heard of the server. */
  private void thePoolGivesUp(@Nullable String state) {
    servers.get(0).refusal = new SQLTransientConnectionException("timed out", state);
    held.countDown();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "08001")
  void itGoesToThePromotedOneThoughThePoolHasTakenLongerThanThePrimaryIsWaitedFor(
      @Nullable String state) {
    open(Duration.ZERO);
    servers.get(0).opening = held;
    CompletableFuture<Integer> writer = writer(RequestContext.builder().build());
    thePrimaryDiesUnderAWriter();
    thePoolGivesUp(state);
    assertThat(writer.join()).isEqualTo(1);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = "08001")
  void withoutTimeLeftItIsToldThatAndWhatTookIt(@Nullable String state) {
    open(Duration.ofMinutes(1));
    servers.get(0).opening = held;
    CompletableFuture<Integer> writer = writer(RequestContext.builder().timeout(TIME).build());
    thePrimaryDiesUnderAWriter();
    Awaitility.await().pollDelay(TIME).until(() -> true);
    thePoolGivesUp(state);
    assertThatThrownBy(writer::join)
        .cause()
        .isInstanceOf(SQLTimeoutException.class)
        .hasMessageContaining("deadline has passed")
        .hasRootCauseMessage("timed out");
  }
}
