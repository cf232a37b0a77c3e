package io.headroom.guard;

import io.headroom.BoundMetrics;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;

/** What a guard's budget is used for, as meters; see {@link GuardMetrics}. */
final class BudgetMetrics {

  private final BoundMetrics bound;
  private final ConnectionGuard guard;

  BudgetMetrics(BoundMetrics bound, ConnectionGuard guard) {
    this.bound = bound;
    this.guard = guard;
  }

  void bind() {
    Allowances budget = guard.allowances();
    if (budget != null) {
      gauge(
          "size",
          "connections that all pools may have open together",
          Tags.empty(),
          budget,
          Allowances::total);
      gauge(
          "allotted",
          "connections of the budget that pools may have open",
          Tags.empty(),
          budget,
          Allowances::allotted);
      gauge(
          "hungry",
          "pools where somebody waits, and which have less than their share",
          Tags.empty(),
          budget,
          Allowances::hungry);
    }
    for (PoolGuard pool : guard.pools()) {
      Tags tags = Tags.of("pool", pool.resource());
      if (budget != null) {
        gauge("held", "connections the pool may have open now", tags, pool, BudgetMetrics::held);
      }
      if (guard.fleet() != null) {
        gauge(
            "fleet",
            "connections that all processes together may open at the pool's server",
            tags,
            pool,
            of -> server(of, FleetCheck.Server::fleet));
        gauge(
            "accepted",
            "connections that the pool's server accepts of everybody",
            tags,
            pool,
            of -> server(of, FleetCheck.Server::accepts));
      }
    }
  }

  private static double held(PoolGuard pool) {
    Allowance allowance = pool.allowance();
    return allowance == null ? Double.NaN : allowance.held();
  }

  /** Not a number as long as the server has not been asked, or is not PostgreSQL. */
  private static double server(PoolGuard pool, ToDoubleFunction<FleetCheck.Server> figure) {
    FleetCheck.Server server = pool.server();
    return server == null ? Double.NaN : figure.applyAsDouble(server);
  }

  /** Registries hold the owner weakly, and what the figure needs must not be held otherwise. */
  private <T> void gauge(String name, String what, Tags tags, T owner, ToDoubleFunction<T> figure) {
    bound.gauge("budget." + name, what, tags, owner, figure);
  }
}
