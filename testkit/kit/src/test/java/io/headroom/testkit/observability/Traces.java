package io.headroom.testkit.observability;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.MicrometerSpans;
import io.headroom.SpanContext;
import io.headroom.Spans;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.test.simple.SimpleSpan;
import io.micrometer.tracing.test.simple.SimpleTracer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** A registry as a service has it: with a tracer, and with timers. */
final class Traces {

  private final ObservationRegistry registry = ObservationRegistry.create();
  private final SimpleTracer tracer = new SimpleTracer();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Queue<SpanContext> ended = new ConcurrentLinkedQueue<>();

  Traces() {
    registry
        .observationConfig()
        .observationHandler(new DefaultMeterObservationHandler(meters))
        .observationHandler(new DefaultTracingObservationHandler(tracer))
        .observationHandler(
            new ObservationHandler<SpanContext>() {
              @Override
              public void onStop(SpanContext context) {
                ended.add(context);
              }

              @Override
              public boolean supportsContext(Observation.Context context) {
                return context instanceof SpanContext;
              }
            });
  }

  Spans spans() {
    return MicrometerSpans.of(registry);
  }

  /** Ours that have ended. */
  List<SpanContext> ended() {
    return List.copyOf(ended);
  }

  /** Does something within a request's span. */
  @SuppressWarnings("try") // the scope is opened for its effect
  <T> T during(String request, Callable<T> work) throws Exception {
    Observation observation = Observation.start(request, registry);
    try (Observation.Scope current = observation.openScope()) {
      return work.call();
    } finally {
      observation.stop();
    }
  }

  /** What a JDBC driver's instrumentation does: a span below whatever is current. */
  void statement(String name) {
    tracer.nextSpan().name(name).start().end();
  }

  List<SimpleSpan> all(String name) {
    return tracer.getSpans().stream().filter(span -> name.equals(span.getName())).toList();
  }

  Stream<SimpleSpan> allStartingWith(String prefix) {
    return tracer.getSpans().stream()
        .filter(span -> String.valueOf(span.getName()).startsWith(prefix));
  }

  SimpleSpan one(String name) {
    List<SimpleSpan> found = all(name);
    assertThat(found).as("spans named '%s'", name).hasSize(1);
    return found.get(0);
  }

  static void requireChild(SimpleSpan child, SimpleSpan parent) {
    assertThat(child.getParentId())
        .as("parent of '%s', which '%s' is to be", child.getName(), parent.getName())
        .isEqualTo(parent.getSpanId());
    assertThat(child.getTraceId()).isEqualTo(parent.getTraceId());
  }

  Timer timer(String name, String... tags) {
    return meters.get(name).tags(tags).timer();
  }

  /** Whether this thread is left as it was found. */
  void requireNothingCurrent() {
    assertThat(registry.getCurrentObservation()).isNull();
    assertThat(tracer.currentSpan()).isNull();
  }
}
