package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long a caller is held, and for what. */
@SuppressWarnings("try") // scopes are opened for their effect
class HeldCallersTest extends FaultTest {

  /** Sure not to be there: some time has passed since the last write. */
  private static final Consistency FRESHER_THAN_ANY = Consistency.bounded(Duration.ofNanos(1));

  private final HandTime time = new HandTime();

  private static RequestContext asking(Consistency consistency) {
    return RequestContext.builder().with(Consistency.KEY, consistency).build();
  }

  private RequestContext late(Consistency consistency) {
    RequestContext request =
        asking(consistency).toBuilder().timeout(Duration.ofSeconds(1), time).build();
    time.advance(Duration.ofSeconds(1));
    return request;
  }

  private void patientWith(Duration replicaWait) {
    fleet.close();
    fleet =
        fleetOf(
            builder -> builder.replicaWait(replicaWait).primaryWait(Duration.ofSeconds(30)),
            primary,
            first,
            second);
    fleet.awaitCaughtUp();
  }

  private CompletableFuture<String> reading(RequestContext request, CountDownLatch begun) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (RequestContext.Scope scope = request.attach()) {
            begun.countDown();
            return fleet.readNode();
          } catch (SQLException e) {
            throw new CompletionException(e);
          }
        });
  }

  @Test
  void nothingIsDoneForARequestWhoseDeadlineHasPassed() throws SQLException {
    firstRouted.clear();
    for (Consistency consistency :
        List.of(Consistency.EVENTUAL, Consistency.READ_YOUR_WRITES, Consistency.STRONG)) {
      try (RequestContext.Scope scope = late(consistency).attach()) {
        assertThatThrownBy(() -> fleet.readNode())
            .isInstanceOf(SQLTimeoutException.class)
            .hasMessageContaining("deadline has passed");
        assertThatThrownBy(() -> fleet.dataSource().read(fleet::nodeOf))
            .isInstanceOf(SQLTimeoutException.class);
        assertThatThrownBy(() -> fleet.insert(1)).isInstanceOf(SQLTimeoutException.class);
      }
    }
    assertThat(firstRouted).isEmpty();
    assertThat(fleet.dataSource().routes().counts().refusals(RouteReason.REFUSED_DEADLINE))
        .isEqualTo(9);
    fleet.insert(1);
  }

  /** An exception is translated by the product's name, that of a deadline too. */
  @Test
  void constantsOfTheDatabaseAreToldAtAnyTime() throws SQLException {
    try (RequestContext.Scope scope = late(Consistency.STRONG).attach();
        Connection connection = fleet.dataSource().getConnection()) {
      assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("PostgreSQL");
    }
  }

  @Test
  void aReadIsNotRepeatedOnceTheDeadlineHasPassed() {
    RequestContext request = RequestContext.builder().timeout(Duration.ofSeconds(1), time).build();
    AtomicInteger times = new AtomicInteger();
    try (RequestContext.Scope scope = request.attach()) {
      assertThatThrownBy(
              () ->
                  fleet
                      .dataSource()
                      .read(
                          connection -> {
                            times.incrementAndGet();
                            time.advance(Duration.ofMillis(600));
                            throw new SQLException("thrown by a test", "40001");
                          }))
          .hasMessage("thrown by a test");
    }
    assertThat(times).as("once in time, and once begun in time").hasValue(2);
  }

  @Test
  void aReadIsNotRepeatedByAThreadThatIsInterrupted() {
    AtomicInteger times = new AtomicInteger();
    assertThatThrownBy(
            () ->
                fleet
                    .dataSource()
                    .read(
                        connection -> {
                          times.incrementAndGet();
                          Thread.currentThread().interrupt();
                          throw new SQLException("thrown by a test", "40001");
                        }))
        .hasMessage("thrown by a test");
    assertThat(Thread.interrupted()).isTrue();
    assertThat(times).hasValue(1);
  }

  /** Nothing but the primary can do them, and a write waits for one. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void strongReadsWaitForAPrimaryAsWritesDo(boolean known) throws Exception {
    patientWith(Duration.ZERO);
    primary.kill();
    if (known) {
      Awaitility.await().until(() -> fleet.primary().equals("none"));
    }
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<String> read = reading(asking(Consistency.STRONG), begun);
    begun.await();
    first.promote();
    assertThat(read.get()).isEqualTo(first.name());
  }

  @Test
  void aStrongReadIsHeldNoLongerThanItsRequestHasTime() throws SQLException {
    patientWith(Duration.ZERO);
    primary.kill();
    Awaitility.await().until(() -> fleet.primary().equals("none"));
    RequestContext hurried =
        asking(Consistency.STRONG).toBuilder().timeout(Duration.ofMillis(100)).build();
    AtomicInteger times = new AtomicInteger();
    try (RequestContext.Scope scope = hurried.attach()) {
      long begin = System.nanoTime();
      assertThatThrownBy(
              () ->
                  fleet
                      .dataSource()
                      .read(
                          connection -> {
                            times.incrementAndGet();
                            return fleet.nodeOf(connection);
                          }))
          .isInstanceOf(NoPrimaryException.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .as("half of what others wait, on a busy machine")
          .isLessThan(Duration.ofSeconds(15));
      assertThat(fleet.dataSource().routes().counts().refusals(RouteReason.REFUSED_NO_PRIMARY))
          .as("waits")
          .isEqualTo(1);
    }
  }

  /** In the time that such a read would wait for a replica. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readsThatFindNoFreshReplicaWaitForAPrimaryToo(boolean known) throws Exception {
    patientWith(Duration.ofSeconds(3));
    primary.kill();
    if (known) {
      Awaitility.await().until(() -> fleet.primary().equals("none"));
    }
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<String> read = reading(asking(FRESHER_THAN_ANY), begun);
    begun.await();
    first.promote();
    assertThat(read.get()).isEqualTo(first.name());
  }

  @Test
  void readsThatFindNoFreshReplicaAreNotHeldForWhatWritesWait() throws SQLException {
    patientWith(Duration.ofMillis(50));
    primary.kill();
    Awaitility.await().until(() -> fleet.primary().equals("none"));
    try (RequestContext.Scope scope = asking(FRESHER_THAN_ANY).attach()) {
      assertThatThrownBy(() -> fleet.readNode())
          .isInstanceOf(NoFreshReplicaException.class)
          .hasMessageContaining("no primary");
    }
    try (RequestContext.Scope scope = asking(FRESHER_THAN_ANY.orStale()).attach()) {
      assertThat(fleet.readNode()).isIn(first.name(), second.name());
    }
  }
}
