package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.ratelimit.HandTime;
import io.headroom.ratelimit.Warnings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** What fails within the guard's own thread, and requests that are drawn for in two places. */
class GuardFaultsTest {

  private static final Thread ANOTHER = new Thread("another");

  private final HandTime time = new HandTime();
  private final List<String> heard = new ArrayList<>();
  private final AtomicBoolean fails = new AtomicBoolean();
  private final ConnectionGuard guard =
      ConnectionGuard.builder()
          .byHand(time)
          .listener(
              new GuardListener() {
                @Override
                public void onLevelChanged(String resource, LoadLevel from, LoadLevel to) {
                  heard.add(resource + " " + to);
                  throw new LinkageError("a listener's own");
                }
              })
          .build();

  @AfterEach
  void close() {
    guard.close();
  }

  private PoolGuard protect(String name, ManagedPool pool) {
    guard.protect(name, pool);
    return guard.pools().stream()
        .filter(each -> each.resource().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static ManagedPool ofOne() {
    return ManagedPool.ofSize(new PGSimpleDataSource(), 1);
  }

  /** One whose pool fails when it is asked, while it is to. */
  private ManagedPool failingPool() {
    DataSource source = new PGSimpleDataSource();
    return new ManagedPool() {
      @Override
      public DataSource dataSource() {
        return source;
      }

      @Override
      public int maximumSize() {
        if (fails.get()) {
          throw new NoSuchMethodError("of another version");
        }
        return 1;
      }
    };
  }

  /** Nothing comes back for longer than a pool may be silent. */
  private void stall(PoolGuard... pools) throws SQLException {
    for (PoolGuard pool : pools) {
      Hold unused = pool.enter(RequestContext.current());
    }
    for (int i = 0; i < 40; i++) {
      time.advance(Duration.ofMillis(100));
      guard.tick();
    }
  }

  @Test
  void aListenersErrorStopsNothing() throws SQLException {
    try (Warnings log = new Warnings(ConnectionGuard.class)) {
      PoolGuard one = protect("one", ofOne());
      PoolGuard two = protect("two", ofOne());
      stall(one, two);
      assertThat(heard).contains("one CRITICAL", "two CRITICAL");
      assertThat(guard.levels().level("one")).isEqualTo(LoadLevel.CRITICAL);
      assertThat(guard.levels().level("two")).isEqualTo(LoadLevel.CRITICAL);
      assertThat(log.said()).as("it is told of").isNotEmpty();
    }
  }

  @Test
  void aPoolThatCannotBeLookedAtStopsNoOther() throws SQLException {
    try (Warnings log = new Warnings(ConnectionGuard.class)) {
      PoolGuard broken = protect("broken", failingPool());
      PoolGuard sound = protect("sound", ofOne());
      fails.set(true);
      stall(sound);
      assertThat(sound.view().level()).isEqualTo(LoadLevel.CRITICAL);
      assertThat(log.said()).anySatisfy(line -> assertThat(line).contains("broken"));

      fails.set(false);
      stall(broken);
      assertThat(guard.levels().level("broken")).as("is looked at again").isNotNull();
      assertThat(broken.view().level()).isEqualTo(LoadLevel.CRITICAL);
    }
  }

  @Test
  void aPoolThatFailsWhenTheGuardIsClosedKeepsNoOtherShedding() throws SQLException {
    try (Warnings log = new Warnings(ConnectionGuard.class)) {
      protect("a-broken-one", failingPool());
      PoolGuard sound = protect("sound", ofOne());
      stall(sound);
      assertThat(sound.view().sheds()).isTrue();
      fails.set(true);
      guard.close();
      assertThat(sound.view().sheds()).isFalse();
      assertThat(guard.levels().level("sound")).isEqualTo(LoadLevel.NORMAL);
      assertThat(log.said()).anySatisfy(line -> assertThat(line).contains("a-broken-one"));
    }
  }

  /** Chance decided at the door: it does not decide again at each of the request's borrows. */
  @Test
  void whoWasLetInAtTheDoorIsNotDrawnForAgain() throws SQLException {
    PoolGuard pool = protect("orders", ofOne());
    stall(pool);
    RequestContext anybody = RequestContext.current();
    RequestContext known = RequestContext.builder().cohort(0.5).build();
    long none = PoolGuard.NO_DEADLINE;
    assertThat(pool.refuseAtOnce(anybody, none, ANOTHER)).as("no door is used").isNotNull();

    try (Admission admission = guard.admit(Criticality.CRITICAL)) {
      assertThat(admission.allowed()).isTrue();
    }
    time.advance(Duration.ofMillis(100));
    guard.tick();
    assertThat(pool.refuseAtOnce(anybody, none, ANOTHER)).isNull();
    assertThat(pool.refuseAtOnce(known, none, ANOTHER)).as("the same users, always").isNotNull();

    time.advance(Duration.ofMillis(100));
    guard.tick();
    assertThat(pool.refuseAtOnce(anybody, none, ANOTHER)).as("nor now").isNotNull();
  }
}
