package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.ratelimit.HandTime;
import io.headroom.testkit.servers.ThreadLeaks;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class GuardMetricsTest {

  private final HandTime time = new HandTime();
  private final ConnectionGuard guard = ConnectionGuard.builder().byHand(time).build();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private static final Set<String> ALWAYS =
      Set.of(
          "level",
          "size",
          "in.use",
          "held.long",
          "waiting",
          "oldest.wait",
          "waits",
          "holds",
          "shed",
          "asked",
          "refused",
          "shadowed",
          "failed",
          "door.asked",
          "door.refused",
          "door.shadowed",
          "door.in.flight");

  private PoolGuard bound() {
    guard.protect("orders", ManagedPool.ofSize(new PGSimpleDataSource(), 3));
    GuardMetrics.of(guard).bindTo(registry);
    return guard.pools().iterator().next();
  }

  private double gauge(String name, String... tags) {
    return registry.get("headroom.guard." + name).tags(tags).gauge().value();
  }

  private double count(String name, String... tags) {
    return registry.get("headroom.guard." + name).tags(tags).functionCounter().count();
  }

  @Test
  void theyTellWhatThePoolGoesThrough() throws SQLException {
    PoolGuard pool = bound();
    Hold hold = pool.enter(RequestContext.current());
    pool.connected(hold);
    Hold lost = pool.enter(RequestContext.current());
    pool.failed(lost);
    assertThat(gauge("size", "pool", "orders")).isEqualTo(3);
    assertThat(gauge("in.use", "pool", "orders")).isEqualTo(1);
    assertThat(gauge("waiting", "pool", "orders")).isZero();
    assertThat(gauge("level", "pool", "orders")).isZero();

    time.advance(Duration.ofSeconds(2));
    assertThat(registry.get("headroom.guard.oldest.wait").timeGauge().value(TimeUnit.SECONDS))
        .isZero();
    hold.end();
    assertThat(registry.get("headroom.guard.holds").functionTimer().count()).isEqualTo(1);
    assertThat(registry.get("headroom.guard.holds").functionTimer().totalTime(TimeUnit.SECONDS))
        .isEqualTo(2);
    assertThat(count("asked", "criticality", "standard")).isEqualTo(2);
    assertThat(count("asked", "criticality", "critical")).isZero();
    assertThat(count("failed", "pool", "orders")).isEqualTo(1);
  }

  @Test
  void theyTellOfWhatIsHeldLong() throws SQLException {
    PoolGuard pool = bound();
    Hold kept = pool.enter(RequestContext.current());
    pool.connected(kept);
    Hold stillWithoutOne = pool.enter(RequestContext.current());
    time.advance(Duration.ofSeconds(59));
    assertThat(gauge("held.long", "pool", "orders")).isZero();
    time.advance(Duration.ofSeconds(1));
    assertThat(gauge("held.long", "pool", "orders")).isEqualTo(1);
    guard.tick();
    assertThat(gauge("held.long", "pool", "orders")).as("told of, and still held").isEqualTo(1);
    kept.end();
    assertThat(gauge("held.long", "pool", "orders")).isZero();
    stillWithoutOne.end();
  }

  /** One that asks for a pool, not connected to it, is stuck. */
  @Test
  void theyTellOfRefusals() throws SQLException {
    PoolGuard pool = bound();
    Hold stuck = pool.enter(RequestContext.current());
    time.advance(Duration.ofSeconds(3));
    guard.tick();
    assertThat(gauge("level", "pool", "orders")).isEqualTo(3);
    assertThat(gauge("shed", "pool", "orders", "criticality", "standard")).isEqualTo(1);
    assertThat(gauge("shed", "pool", "orders", "criticality", "critical")).isZero();

    try (Admission admission = guard.admit(Criticality.SHEDDABLE)) {
      assertThat(admission.allowed()).isFalse();
    }
    Admission critical = guard.admit(Criticality.CRITICAL);
    assertThat(count("door.asked", "pool", "any", "criticality", "sheddable")).isEqualTo(1);
    assertThat(count("door.refused", "pool", "any", "criticality", "sheddable")).isEqualTo(1);
    assertThat(count("door.refused", "pool", "any", "criticality", "critical")).isZero();
    assertThat(gauge("door.in.flight")).isEqualTo(1);
    critical.close();
    assertThat(gauge("door.in.flight")).isZero();
    stuck.end();
  }

  @Test
  void inShadowModeTheyTellOfWhatTheDoorWouldRefuse() throws SQLException {
    try (ConnectionGuard looks = ConnectionGuard.builder().shadow().byHand(time).build()) {
      looks.protect("orders", ManagedPool.ofSize(new PGSimpleDataSource(), 3));
      GuardMetrics.of(looks).bindTo(registry);
      Hold stuck = looks.pools().iterator().next().enter(RequestContext.current());
      time.advance(Duration.ofSeconds(3));
      looks.tick();
      try (Admission admission = looks.admit(Criticality.SHEDDABLE)) {
        assertThat(admission.allowed()).isTrue();
        assertThat(gauge("door.in.flight")).isEqualTo(1);
      }
      looks.admit(Criticality.CRITICAL).close();
      assertThat(count("door.asked", "pool", "any", "criticality", "sheddable")).isEqualTo(1);
      assertThat(count("door.shadowed", "pool", "any", "criticality", "sheddable")).isEqualTo(1);
      assertThat(count("door.shadowed", "pool", "any", "criticality", "critical")).isZero();
      assertThat(count("door.refused", "pool", "any", "criticality", "sheddable")).isZero();
      stuck.end();
    }
  }

  /** Else its meters would stand for ever in the place of its successor's. */
  @Test
  void aGuardThatIsClosedLeavesRoomForAnother() {
    bound();
    int meters = registry.getMeters().size();
    GuardMetrics.of(guard).bindTo(registry); // twice changes nothing
    assertThat(registry.getMeters()).hasSize(meters);
    guard.close();
    assertThat(registry.getMeters()).isEmpty();
  }

  @Test
  void aGuardIsClosedWhateverItsRegistryThrows() {
    ThreadLeaks leaks = ThreadLeaks.watch("headroom-guard");
    ConnectionGuard running = ConnectionGuard.create();
    running.protect("orders", ManagedPool.ofSize(new PGSimpleDataSource(), 3));
    GuardMetrics.of(running).bindTo(registry);
    IllegalStateException failure = new IllegalStateException("thrown by a test");
    registry
        .config()
        .onMeterRemoved(
            meter -> {
              throw failure;
            });
    assertThat(leaks.left()).isNotEmpty();
    assertThatThrownBy(running::close).isSameAs(failure);
    assertThat(registry.getMeters()).isEmpty();
    assertThat(running).asString().endsWith(", closed");
    leaks.assertNone();
  }

  @Test
  void thereIsNoneOfNoGuard() {
    assertThatThrownBy(() -> GuardMetrics.of(null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("guard must not be null");
  }

  @Test
  void theyTellOfTheBudget() {
    try (BudgetedPools pools = new BudgetedPools(10, 8, 8)) {
      GuardMetrics.of(pools.guard).bindTo(registry);
      pools.get(0).ask(8);
      pools.get(1).ask(5);
      assertThat(gauge("budget.size")).isEqualTo(10);
      assertThat(gauge("budget.allotted")).isEqualTo(10);
      assertThat(gauge("budget.hungry")).as("the one that has two of five").isEqualTo(1);
      assertThat(gauge("budget.held", "pool", pools.get(0).guarded().resource())).isEqualTo(8);
      assertThat(gauge("budget.held", "pool", pools.get(1).guarded().resource())).isEqualTo(2);
      assertThat(gauge("budget.accepted", "pool", pools.get(1).guarded().resource())).isNaN();
    }
  }

  @Test
  void namesTagsAndDescriptionsAreOfTheHouse() {
    namesAreOfTheHouse(ALWAYS);
  }

  @Test
  void thoseOfTheBudgetAreToo() {
    Set<String> all = new HashSet<>(ALWAYS);
    all.addAll(
        Set.of(
            "budget.size",
            "budget.allotted",
            "budget.hungry",
            "budget.held",
            "budget.fleet",
            "budget.accepted"));
    try (BudgetedPools pools = new BudgetedPools(10, 8, 8)) {
      GuardMetrics.of(pools.guard).bindTo(registry);
      namesAreOfTheHouse(all);
    }
  }

  private void namesAreOfTheHouse(Set<String> names) {
    if (registry.getMeters().isEmpty()) {
      bound();
    }
    for (Meter meter : registry.getMeters()) {
      assertThat(meter.getId().getName()).startsWith("headroom.guard.");
      assertThat(meter.getId().getDescription()).as("%s", meter.getId()).isNotBlank();
      assertThat(meter.getId().getTags().stream().map(tag -> tag.getKey()).toList())
          .isSubsetOf("pool", "criticality", "reason");
    }
    assertThat(
            registry.getMeters().stream()
                .map(meter -> meter.getId().getName().substring("headroom.guard.".length()))
                .collect(Collectors.toSet()))
        .containsExactlyInAnyOrderElementsOf(names);
  }
}
