package io.headroom;

import io.micrometer.common.KeyValues;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spans by Micrometer's Observation API, and so by whatever handles observations: a tracing bridge
 * makes spans of traces of them, a meter handler timers.
 *
 * <pre>{@code
 * Spans spans = MicrometerSpans.of(observationRegistry);
 * TieredCache.builder("profiles", loader).spans(spans).build();
 * ShardRouter.builder(strategy).map(map).spans(spans).build();
 * ReplicaDataSource.builder("orders").primary("a", a).replica("b", b).spans(spans).build();
 * }</pre>
 *
 * <p>The tags of {@link Spans.Work}, and {@code outcome}, are low-cardinality key values, its
 * details are high-cardinality ones: of spans alone, and not of timers. A {@code
 * GlobalObservationConvention} for {@link SpanContext} names them otherwise.
 *
 * <p>A handler that throws is told of once in the log, and never the caller; what is current on a
 * thread is what it was before. Which of the other handlers hear of it is Micrometer's: it tells
 * them of a start in their order, of an end in the reverse, and none after one that throws. So a
 * handler that fails at a start keeps none before it from hearing of the end, unless one behind it
 * refuses an end without a start, as {@code DefaultMeterObservationHandler} does; one that fails at
 * an end keeps those before it from hearing of that, and their spans stay open.
 *
 * <p>Thread-safe. Needs micrometer-observation, which nothing else here does.
 */
@SuppressWarnings("exports") // seen only by who has the optional module
public final class MicrometerSpans implements Spans {

  private static final Logger LOG = LoggerFactory.getLogger(MicrometerSpans.class);

  private final ObservationRegistry registry;
  private final AtomicBoolean hasFailed = new AtomicBoolean();

  private MicrometerSpans(ObservationRegistry registry) {
    this.registry = registry;
  }

  /**
   * Makes spans in a registry. While it has no handler, none are made.
   *
   * @param registry where
   * @return its spans
   */
  public static Spans of(ObservationRegistry registry) {
    return new MicrometerSpans(Objects.requireNonNull(registry, "registry must not be null"));
  }

  @Override
  public Span begin(Work work, @Nullable Span parent) {
    try {
      if (registry.isNoop()) {
        return Span.NONE;
      }
      SpanContext context = new SpanContext(work);
      Observation observation =
          Observation.createNotStarted(null, new Plainly(work.name()), () -> context, registry);
      if (observation.isNoop()) {
        return inPlaceOf(parent);
      }
      if (parent instanceof Observed of) {
        observation.parentObservation(of.observation);
      }
      Observed begun = new Observed(observation, context);
      try {
        observation.start();
      } catch (RuntimeException | Error failure) {
        begun.stop(); // for handlers that came first: as far as those behind let it come there
        throw failure;
      }
      return begun;
    } catch (RuntimeException | Error failure) {
      failed(failure);
      return Span.NONE;
    }
  }

  /** Of work that is not to be observed: its parts are parts of what it would have been part of. */
  private Span inPlaceOf(@Nullable Span parent) {
    if (parent instanceof Observed of) {
      return new Observed(of.observation, null);
    }
    Observation current = registry.getCurrentObservation();
    return current == null ? Span.NONE : new Observed(current, null);
  }

  @Override
  public @Nullable Span current() {
    try {
      Observation current = registry.getCurrentObservation();
      return current == null ? null : new Observed(current, null);
    } catch (RuntimeException | Error failure) {
      failed(failure);
      return null;
    }
  }

  private void failed(Throwable failure) {
    String text = "A span could not be made, entered or ended, which changes nothing else";
    if (hasFailed.compareAndSet(false, true)) {
      LOG.warn(text + ". Further failures are logged as DEBUG", failure);
    } else {
      LOG.debug(text, failure);
    }
  }

  @Override
  public String toString() {
    return "spans in " + registry;
  }

  /** An observation: ours, which has a context, or another's, to be a parent only. */
  private final class Observed implements Span {

    private final Observation observation;
    private final @Nullable SpanContext context;

    Observed(Observation observation, @Nullable SpanContext context) {
      this.observation = observation;
      this.context = context;
    }

    @Override
    public Scope enter() {
      Observation.Scope before = registry.getCurrentObservationScope();
      try {
        Observation.Scope opened = observation.openScope();
        return () -> leave(opened, before);
      } catch (RuntimeException | Error failure) {
        failed(failure);
        Observation.Scope halfOpen = registry.getCurrentObservationScope();
        if (halfOpen != null && halfOpen != before) { // handlers that came first have opened theirs
          leave(halfOpen, before);
        }
        return Scope.NONE;
      }
    }

    private void leave(Observation.Scope scope, Observation.@Nullable Scope before) {
      try {
        scope.close();
      } catch (RuntimeException | Error failure) {
        failed(failure);
        registry.setCurrentObservationScope(before);
      }
    }

    @Override
    public void detail(String key, String value) {
      if (context != null) {
        context.detail(key, value);
      }
    }

    @Override
    public void end(String outcome, @Nullable Throwable failure) {
      if (context == null) {
        return;
      }
      context.outcome(outcome);
      try {
        if (failure != null) {
          observation.error(failure);
        }
      } catch (RuntimeException | Error thrown) {
        failed(thrown);
      }
      stop();
    }

    private void stop() {
      try {
        observation.stop();
      } catch (RuntimeException | Error thrown) {
        failed(thrown);
      }
    }

    @Override
    public String toString() {
      return String.valueOf(observation.getContextView().getName());
    }
  }

  /** Everything under the name that it has here. */
  private record Plainly(String name) implements ObservationConvention<SpanContext> {

    @Override
    public boolean supportsContext(Observation.Context context) {
      return context instanceof SpanContext;
    }

    @Override
    public String getName() {
      return name;
    }

    @Override
    public String getContextualName(SpanContext context) {
      return context.work().title();
    }

    @Override
    public KeyValues getLowCardinalityKeyValues(SpanContext context) {
      return of(context.work().tags()).and("outcome", context.outcome());
    }

    @Override
    public KeyValues getHighCardinalityKeyValues(SpanContext context) {
      return of(context.details());
    }

    private static KeyValues of(Map<String, String> values) {
      return KeyValues.of(values.entrySet(), Map.Entry::getKey, Map.Entry::getValue);
    }
  }
}
