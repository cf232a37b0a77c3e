package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.ratelimit.HandTime;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;

/**
 * A guard by a clock that a test moves, with a pool of one connection, {@value #POOL}, and another,
 * {@value #OTHER}; and load that makes it shed for real.
 */
public final class GuardUnderLoad implements AutoCloseable {

  /** The pool that is under load. */
  public static final String POOL = "orders";

  /** A pool that is not. */
  public static final String OTHER = "search";

  private static final Duration WINDOW = Duration.ofMillis(100);

  private final HandTime clock = new HandTime();
  private final ExecutorService callers = Executors.newCachedThreadPool();
  private final ConnectionGuard guard;
  private final DataSource pool;
  private final Deque<Connection> held = new ArrayDeque<>();
  private final Deque<Future<?>> waiting = new ArrayDeque<>();

  /** A guard whose callers wait for an hour, one at a time. */
  public GuardUnderLoad() {
    this(builder -> builder);
  }

  /** The same with more options. */
  public GuardUnderLoad(UnaryOperator<ConnectionGuardBuilder> options) {
    ConnectionGuardBuilder builder =
        ConnectionGuard.builder()
            .byHand(clock)
            .maximumWait(Duration.ofHours(1))
            .maximumWaiters(1)
            .targetDelay(Duration.ofMillis(5));
    guard = options.apply(builder).build();
    pool = guard.protect(POOL, ManagedPool.ofSize(new SmallPool().dataSource(), 1));
  }

  /** Guards the other pool too; without it the door knows the first one only. */
  public void addOther() {
    guard.protect(OTHER, ManagedPool.ofSize(new SmallPool().dataSource(), 1));
  }

  public ConnectionGuard guard() {
    return guard;
  }

  /** The clock of the guard. */
  public HandTime clock() {
    return clock;
  }

  /** Uses the pool, as the current context's request. */
  public void use() throws SQLException {
    take().close();
  }

  private Connection take() throws SQLException {
    Connection connection = pool.getConnection();
    boolean taken = false;
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT 1");
      taken = true;
    } finally {
      if (!taken) {
        connection.close();
      }
    }
    return connection;
  }

  /** So that the caller is nobody who holds a connection already. */
  private Connection takenByAnother() {
    FutureTask<Connection> taking = new FutureTask<>(this::take);
    new Thread(taking).start();
    try {
      return taking.get(30, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException failed) {
      throw new AssertionError(failed);
    }
  }

  /** Somebody holds the connection and another waits for it: whoever comes now is refused. */
  public void fill() throws SQLException {
    held.add(takenByAnother());
    waiting.add(
        callers.submit(
            () -> {
              use();
              return null;
            }));
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(
            () -> {
              PoolStatus now = guard.status(POOL);
              return now.waiting() > 0 || now.inUse() > 1; // in shadow mode it waits in the pool
            });
  }

  /** All who {@link #fill} it are done. */
  public void empty() throws SQLException {
    while (!held.isEmpty()) {
      held.remove().close();
    }
    while (!waiting.isEmpty()) {
      assertThat(waiting.remove()).succeedsWithin(30, TimeUnit.SECONDS);
    }
  }

  /** Fills it until nothing has come back for so long that only critical work is let in. */
  public void becomeCritical() throws SQLException {
    fill();
    clock.advance(Duration.ofSeconds(3));
    guard.tick();
    assertThat(guard.status(POOL).level()).isEqualTo(LoadLevel.CRITICAL);
  }

  /**
   * Fills it, with so many more who come that it sheds the users below this cohort.
   *
   * @return the share of users that is shed
   */
  public double shedSome() throws SQLException {
    Connection connection = take();
    clock.advance(WINDOW);
    connection.close();
    guard.tick();
    fill();
    for (int i = 0; i < 3; i++) { // in the first one somebody did not have to wait
      for (int j = 0; j < 100; j++) {
        askInVain();
      }
      clock.advance(WINDOW);
      guard.tick();
    }
    assertThat(guard.status(POOL).level()).isEqualTo(LoadLevel.HIGH);
    return guard.pools().iterator().next().view().share(Criticality.STANDARD);
  }

  private void askInVain() throws SQLException {
    try (RequestContext.Scope scope = RequestContext.builder().cohort(0.99).build().attach()) {
      assertThat(scope).isNotNull();
      use();
    } catch (PoolRefusedException expected) {
      return;
    }
    throw new AssertionError("a full pool let somebody in");
  }

  /** Empties it, and lets so much time go by that all is well again. */
  public void recover() throws SQLException {
    empty();
    for (int i = 0; i < 100; i++) {
      clock.advance(WINDOW);
      guard.tick();
    }
    assertThat(guard.status(POOL).level()).isEqualTo(LoadLevel.NORMAL);
  }

  /** How many requests are admitted and have not ended. */
  long inFlight() {
    return guard.door().inFlight();
  }

  /** Waits until so many are: the answer may be here before the filter has returned. */
  public void awaitInFlight(long requests) {
    await().atMost(30, TimeUnit.SECONDS).until(this::inFlight, now -> now == requests);
  }

  /** How many have asked at the door, for no pool in particular. */
  public long asked() {
    long all = 0;
    for (Criticality each : Criticality.values()) {
      all += guard.door().counts().askedCount(each);
    }
    return all;
  }

  @Override
  public void close() throws SQLException {
    empty();
    callers.shutdown();
    guard.close();
  }
}
