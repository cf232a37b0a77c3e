package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headroom.Spans;
import io.headroom.testkit.servers.ThreadLeaks;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is the application's own may fail when a data source is closed. */
class ClosingTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final ThreadLeaks leaks = ThreadLeaks.watch("headroom-probe");
  private final ScriptedServers servers = new ScriptedServers(2);
  private final IllegalStateException ofTheSpan = new IllegalStateException("of the span");
  private final IllegalStateException ofTheMeter = new IllegalStateException("of the meter");

  private volatile boolean hasBegun;

  /** Ends no span without a failure. */
  private final Spans spans =
      new Spans() {
        @Override
        public Span begin(Work work, @Nullable Span parent) {
          hasBegun = true;
          return new Span() {
            @Override
            public Scope enter() {
              return Scope.NONE;
            }

            @Override
            public void detail(String key, String value) {}

            @Override
            public void end(String outcome, @Nullable Throwable failure) {
              throw ofTheSpan;
            }
          };
        }

        @Override
        public @Nullable Span current() {
          return null;
        }
      };

  @Test
  void allIsClosedAndAllThatFailedIsTold() throws InterruptedException {
    ReplicaDataSource orders = servers.pair().spans(spans).build();
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RoutingMetrics.of(orders).bindTo(registry);
    registry
        .config()
        .onMeterRemoved(
            meter -> {
              throw ofTheMeter;
            });
    servers.get(0).refusal = new SQLException("Connection refused", "08001");
    TopologyMonitor monitor = orders.routes().monitor();
    monitor.probeNow(orders.routes().nodes().get(0), LONG);
    await().until(() -> hasBegun);
    assertThat(leaks.left()).isNotEmpty();

    assertThatThrownBy(orders::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cluster 'orders' could not be closed cleanly")
        .cause()
        .isSameAs(ofTheSpan)
        .satisfies(first -> assertThat(first.getSuppressed()).containsExactly(ofTheMeter));

    assertThat(registry.getMeters()).isEmpty();
    assertThat(monitor.isWatching()).isFalse();
    await().untilAsserted(leaks::assertNone);
    orders.close();
  }

  /** No exception can be suppressed by itself. */
  @Test
  void whatFailsAsTheStartDidHidesNothing() {
    ReplicaAssembly.closeAfter(
        ofTheSpan,
        () -> {
          throw ofTheSpan;
        });
    assertThat(ofTheSpan.getSuppressed()).isEmpty();
    ReplicaAssembly.closeAfter(
        ofTheSpan,
        () -> {
          throw ofTheMeter;
        });
    assertThat(ofTheSpan.getSuppressed()).containsExactly(ofTheMeter);
  }
}
