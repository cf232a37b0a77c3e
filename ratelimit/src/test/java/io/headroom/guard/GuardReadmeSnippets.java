package io.headroom.guard;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.micrometer.core.instrument.MeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** The snippets of guard.md: they compile here. */
final class GuardReadmeSnippets {

  private GuardReadmeSnippets() {}

  /** What an application does. */
  interface App {
    String serve(DataSource orders) throws SQLException;

    String unavailable(Duration retryAfter);
  }

  static String firstScreen(HikariDataSource hikariPool, App app) throws SQLException {
    // snippet: guard-first-screen
    ConnectionGuard guard = ConnectionGuard.create();
    DataSource orders = guard.protect("orders", hikariPool); // use this one in its place

    try (Admission admission = guard.admit(Criticality.STANDARD)) { // at the door, before any work
      return admission.allowed() ? app.serve(orders) : app.unavailable(admission.retryAfter());
    }
    // end snippet
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  static String context(ConnectionGuard guard, DataSource orders, App app, long userId)
      throws SQLException {
    // snippet: guard-context
    RequestContext context =
        RequestContext.builder()
            .criticality(Criticality.CRITICAL)
            .cohortOf(userId) // the same users are shed
            .timeout(Duration.ofSeconds(2)) // whoever would not be served by then does not wait
            .resource("orders") // for the door: which pool it is for
            .build();
    try (RequestContext.Scope scope = context.attach();
        Admission admission = guard.admit(context.criticality())) {
      return admission.allowed() ? app.serve(orders) : app.unavailable(admission.retryAfter());
    }
    // end snippet
  }

  static ConnectionGuard shadow() {
    // snippet: guard-shadow
    ConnectionGuard guard = ConnectionGuard.builder().shadow().build(); // refuses nobody
    // end snippet
    return guard;
  }

  static void options(GuardListener pager, MeterRegistry registry, DataSource otherPool) {
    // snippet: guard-options
    ConnectionGuard guard =
        ConnectionGuard.builder()
            .maximumWait(Duration.ofMillis(100)) // rather refused than late
            .reserveForCritical(2) // connections that others don't get under load
            .noteWhereTaken() // of connections that nobody gives back
            .listener(pager)
            .build();
    DataSource reports = guard.protect("reports", ManagedPool.ofSize(otherPool, 20));

    GuardMetrics.of(guard).bindTo(registry); // when all pools are protected
    // end snippet
    if (guard.levels().level("reports") != LoadLevel.NORMAL) {
      throw new IllegalStateException(reports.toString());
    }
  }
}
