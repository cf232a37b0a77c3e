package io.headroom.guard;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What a guard's budget is used for, as meters; see {@link GuardMetrics}. */
final class BudgetMetrics {

  private static final String PREFIX = "headroom.guard.budget.";

  private final MeterRegistry registry;
  private final ConnectionGuard guard;

  BudgetMetrics(MeterRegistry registry, ConnectionGuard guard) {
    this.registry = registry;
    this.guard = guard;
  }

  void bind() {
    Allowances budget = guard.allowances();
    if (budget != null) {
      gauge(
          "size",
          "connections that all pools may have open together",
          Tags.empty(),
          of -> budget.total());
      gauge(
          "allotted",
          "connections of the budget that pools may have open",
          Tags.empty(),
          of -> budget.allotted());
      gauge(
          "hungry",
          "pools where somebody waits, and which have less than their share",
          Tags.empty(),
          of -> budget.hungry());
      for (PoolGuard pool : guard.pools()) {
        Tags tags = Tags.of("pool", pool.resource());
        gauge("held", "connections the pool may have open now", tags, of -> held(pool));
      }
    }
    FleetCheck fleet = guard.fleet();
    if (fleet != null) {
      for (PoolGuard pool : guard.pools()) {
        Tags tags = Tags.of("pool", pool.resource());
        gauge(
            "fleet",
            "connections that all processes together may open at the pool's server",
            tags,
            of -> server(fleet.server(pool.resource()), FleetCheck.Server::fleet));
        gauge(
            "accepted",
            "connections that the pool's server accepts of everybody",
            tags,
            of -> server(fleet.server(pool.resource()), FleetCheck.Server::accepts));
      }
    }
  }

  private static double held(PoolGuard pool) {
    Allowance allowance = pool.allowance();
    return allowance == null ? Double.NaN : allowance.held();
  }

  /** Not a number as long as the server has not been asked, or is not PostgreSQL. */
  private static double server(
      FleetCheck.@Nullable Server server, ToDoubleFunction<FleetCheck.Server> figure) {
    return server == null ? Double.NaN : figure.applyAsDouble(server);
  }

  private void gauge(String name, String what, Tags tags, ToDoubleFunction<ConnectionGuard> value) {
    Gauge.builder(PREFIX + name, guard, value).description(what).tags(tags).register(registry);
  }
}
