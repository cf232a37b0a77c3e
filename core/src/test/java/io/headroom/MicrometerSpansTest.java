package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.headroom.Spans.Scope;
import io.headroom.Spans.Span;
import io.headroom.Spans.Work;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import io.micrometer.core.instrument.observation.DefaultMeterObservationHandler;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.GlobalObservationConvention;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@SuppressWarnings("try") // scopes are opened for their effect
class MicrometerSpansTest {

  private static final Work LOAD =
      new Work("headroom.cache.load", "load profiles", Map.of("cache", "profiles"));

  private final TestObservationRegistry registry = TestObservationRegistry.create();
  private final Spans spans = MicrometerSpans.of(registry);

  @Test
  void tagsAreOfFewValuesAndDetailsAreNot() {
    Work work =
        new Work("headroom.work", "work", Map.of("cache", "profiles"), Map.of("shard", "s1"));
    Span span = spans.begin(work, null);
    span.detail("rows", "17");
    span.end("answered", null);
    TestObservationRegistryAssert.assertThat(registry)
        .hasSingleObservationThat()
        .hasNameEqualTo("headroom.work")
        .hasContextualNameEqualTo("work")
        .hasOnlyKeys("cache", "outcome", "shard", "rows")
        .hasLowCardinalityKeyValue("cache", "profiles")
        .hasLowCardinalityKeyValue("outcome", "answered")
        .hasHighCardinalityKeyValue("shard", "s1")
        .hasHighCardinalityKeyValue("rows", "17")
        .hasBeenStarted()
        .hasBeenStopped()
        .doesNotHaveError();
  }

  @Test
  void aFailureIsItsError() {
    IllegalStateException failure = new IllegalStateException("no");
    spans.begin(LOAD, null).end("failed", failure);
    TestObservationRegistryAssert.assertThat(registry)
        .hasSingleObservationThat()
        .hasLowCardinalityKeyValue("outcome", "failed")
        .hasError(failure);
  }

  @Test
  void isCurrentWhileItIsEnteredAndItsParentBefore() {
    Observation request = Observation.start("request", registry);
    try (Observation.Scope asked = request.openScope()) {
      Span span = spans.begin(LOAD, null);
      assertThat(registry.getCurrentObservation()).isSameAs(request);
      try (Scope entered = span.enter()) {
        assertThat(nameOf(registry.getCurrentObservation())).isEqualTo("headroom.cache.load");
      }
      assertThat(registry.getCurrentObservation()).isSameAs(request);
      span.end("answered", null);
    }
    request.stop();
    TestObservationRegistryAssert.assertThat(registry)
        .hasObservationWithNameEqualTo("headroom.cache.load")
        .that()
        .hasParentObservationEqualTo(request);
    TestObservationRegistryAssert.assertThat(registry).doesNotHaveAnyRemainingCurrentScope();
  }

  private static String nameOf(Observation observation) {
    return observation.getContextView().getName();
  }

  @Test
  void whatIsCurrentHereIsTheParentOnAnotherThreadEvenOnceItHasEnded() {
    Observation request = Observation.start("request", registry);
    Span caller;
    try (Observation.Scope asked = request.openScope()) {
      caller = spans.current();
    }
    request.stop();
    CompletableFuture.runAsync(() -> spans.begin(LOAD, caller).end("answered", null)).join();
    TestObservationRegistryAssert.assertThat(registry)
        .hasObservationWithNameEqualTo("headroom.cache.load")
        .that()
        .hasParentObservationEqualTo(request);
  }

  @Test
  void whatAnotherBeganIsNotOursToEnd() {
    Observation request = Observation.start("request", registry);
    try (Observation.Scope asked = request.openScope()) {
      Span caller = spans.current();
      assertThat(caller).isNotNull().hasToString("request");
      caller.detail("key", "value");
      caller.end("answered", null);
    }
    request.stop(); // would throw if it had been stopped
    TestObservationRegistryAssert.assertThat(registry)
        .hasSingleObservationThat()
        .doesNotHaveHighCardinalityKeyValueWithKey("key")
        .doesNotHaveLowCardinalityKeyValueWithKey("outcome");
  }

  @Test
  void nothingIsCurrentWhereNobodyHasBegunAnything() {
    assertThat(spans.current()).isNull();
    assertThat(Spans.NONE.current()).isNull();
  }

  @Test
  void withoutAHandlerThereIsNone() {
    assertThat(MicrometerSpans.of(ObservationRegistry.create()).begin(LOAD, null))
        .isSameAs(Span.NONE);
    assertThat(MicrometerSpans.of(ObservationRegistry.NOOP).begin(LOAD, null)).isSameAs(Span.NONE);
    assertThat(Spans.NONE.begin(LOAD, null)).isSameAs(Span.NONE);
  }

  @Test
  void whatAPredicateTurnsOffIsNotThere() {
    registry
        .observationConfig()
        .observationPredicate((name, context) -> !(context instanceof SpanContext));
    Span span = spans.begin(LOAD, null);
    try (Scope entered = span.enter()) {
      span.end("answered", null);
    }
    TestObservationRegistryAssert.assertThat(registry).doesNotHaveAnyObservation();
  }

  @Test
  void aGlobalConventionNamesThemOtherwise() {
    registry
        .observationConfig()
        .observationConvention(
            new GlobalObservationConvention<SpanContext>() {
              @Override
              public boolean supportsContext(Observation.Context context) {
                return context instanceof SpanContext;
              }

              @Override
              public String getName() {
                return "ours";
              }

              @Override
              public KeyValues getLowCardinalityKeyValues(SpanContext context) {
                return KeyValues.of(
                    KeyValue.of("what", context.work().name()),
                    KeyValue.of("how", context.outcome()));
              }
            });
    spans.begin(LOAD, null).end("answered", null);
    TestObservationRegistryAssert.assertThat(registry)
        .hasSingleObservationThat()
        .hasNameEqualTo("ours")
        .hasLowCardinalityKeyValue("what", "headroom.cache.load")
        .hasLowCardinalityKeyValue("how", "answered");
  }

  /** Where a handler throws. */
  enum When {
    START,
    OPEN,
    CLOSE,
    ERROR,
    STOP
  }

  /** Throws where it is told to, and notes whether it was left open. */
  private static final class Throwing implements ObservationHandler<Observation.Context> {

    private final When when;
    private final boolean lacksClass;

    Throwing(When when, boolean lacksClass) {
      this.when = when;
      this.lacksClass = lacksClass;
    }

    private void now(When what) {
      if (what != when) {
        return;
      }
      if (lacksClass) {
        throw new NoClassDefFoundError("a handler's, at " + what);
      }
      throw new IllegalStateException("a handler fails at " + what);
    }

    @Override
    public void onStart(Observation.Context context) {
      now(When.START);
    }

    @Override
    public void onScopeOpened(Observation.Context context) {
      now(When.OPEN);
    }

    @Override
    public void onScopeClosed(Observation.Context context) {
      now(When.CLOSE);
    }

    @Override
    public void onError(Observation.Context context) {
      now(When.ERROR);
    }

    @Override
    public void onStop(Observation.Context context) {
      now(When.STOP);
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return context instanceof SpanContext;
    }
  }

  /** As a tracer's, which has a scope of its own for each. */
  private static final class Scopes implements ObservationHandler<Observation.Context> {

    private final List<String> open = new ArrayList<>();
    private final List<String> running = new ArrayList<>();
    private List<String> openAfterTheWork = List.of();
    private List<String> runningAfterTheWork = List.of();

    @Override
    public void onStart(Observation.Context context) {
      running.add(context.getName());
    }

    @Override
    public void onStop(Observation.Context context) {
      running.remove(context.getName());
    }

    @Override
    public void onScopeOpened(Observation.Context context) {
      open.add(context.getName());
    }

    @Override
    public void onScopeClosed(Observation.Context context) {
      open.remove(context.getName());
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
      return true;
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHandlerThatThrowsReachesNobodyAndLeavesNothingBehind(When when) {
    leavesNothingBehind(when, false);
  }

  @ParameterizedTest
  @EnumSource
  void norDoesOneThatLacksAClass(When when) {
    leavesNothingBehind(when, true);
  }

  private static void leavesNothingBehind(When when, boolean lacksClass) {
    Scopes scopes = new Scopes();
    runs(scopes, List.of(new Throwing(when, lacksClass)));
    if (when != When.CLOSE) { // then Micrometer does not come to the others
      assertThat(scopes.openAfterTheWork).containsExactly("request");
      assertThat(scopes.open).isEmpty();
    }
    if (when != When.STOP) {
      assertThat(scopes.runningAfterTheWork).containsExactly("request");
      assertThat(scopes.running).isEmpty();
    }
  }

  /** It refuses an end without a start, and so a tracer before the two does not hear of the end. */
  @ParameterizedTest
  @EnumSource
  void withAMeterHandlerBehindItItReachesNobodyEither(When when) {
    Scopes scopes = new Scopes();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    runs(scopes, List.of(new Throwing(when, false), new DefaultMeterObservationHandler(meters)));
    if (when != When.CLOSE) {
      assertThat(scopes.openAfterTheWork).containsExactly("request");
      assertThat(scopes.open).isEmpty();
    }
    if (when == When.START) {
      assertThat(scopes.running).as("as the Javadoc says").containsExactly(LOAD.name());
      assertThat(meters.find(LOAD.name()).timer()).isNull();
    } else {
      assertThat(meters.get(LOAD.name()).timer().count()).isOne();
      assertThat(meters.get(LOAD.name() + ".active").longTaskTimer().activeTasks()).isZero();
    }
    if (when != When.START && when != When.STOP) {
      assertThat(scopes.runningAfterTheWork).containsExactly("request");
      assertThat(scopes.running).isEmpty();
    }
  }

  /** Neither who does the work nor what is current here knows of the handlers. */
  private static void runs(Scopes scopes, List<ObservationHandler<Observation.Context>> others) {
    ObservationRegistry failing = ObservationRegistry.create();
    failing.observationConfig().observationHandler(scopes);
    others.forEach(failing.observationConfig()::observationHandler);
    Spans unsafe = MicrometerSpans.of(failing);
    Observation request = Observation.start("request", failing);
    try (Observation.Scope asked = request.openScope()) {
      assertThatCode(
              () -> {
                Span span = unsafe.begin(LOAD, null);
                try (Scope entered = span.enter()) {
                  span.detail("rows", "1");
                }
                span.end("failed", new IllegalStateException("the work's own"));
              })
          .doesNotThrowAnyException();
      assertThat(failing.getCurrentObservation()).isSameAs(request);
      scopes.openAfterTheWork = List.copyOf(scopes.open);
      scopes.runningAfterTheWork = List.copyOf(scopes.running);
    }
    request.stop();
  }

  /** What is switched off is no parent; what was before it is. */
  @Test
  void partsOfWorkThatIsNotObservedArePartsOfWhatThatIsPartOf() {
    registry.observationConfig().observationPredicate((name, of) -> !name.equals(LOAD.name()));
    Observation request = Observation.start("request", registry);
    Span off;
    try (Observation.Scope asked = request.openScope()) {
      off = spans.begin(LOAD, null);
    }
    Span part = spans.begin(new Work("headroom.part", "part", Map.of()), off);
    try (Scope entered = part.enter()) {
      assertThat(nameOf(registry.getCurrentObservation())).isEqualTo("headroom.part");
    }
    part.end("answered", null);
    off.end("answered", null);
    TestObservationRegistryAssert.assertThat(registry)
        .hasNumberOfObservationsEqualTo(2)
        .hasObservationWithNameEqualTo("headroom.part")
        .that()
        .hasParentObservationEqualTo(request);
    assertThat(request.getContextView().getError()).isNull();
    request.stop();
  }
}
