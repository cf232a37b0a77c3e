package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/**
 * Whatever the order in which loads read, writes commit, keys are invalidated and loads answer:
 * nobody who asks after an invalidation has returned gets what was read before it.
 */
class StaleFillProperties {

  /** What may happen next. */
  enum Step {
    ASK,
    ASK_FOR_MANY,
    WRITE,
    INVALIDATE,
    INVALIDATE_EVERYTHING,
    INVALIDATE_AND_GO_ON,
    INVALIDATE_EVERYTHING_AND_GO_ON,
    PUT,
    PUT_AND_GO_ON,
    FIRST_LOAD_ANSWERS,
    LAST_LOAD_ANSWERS,
    FIRST_LOAD_FAILS,
    TIME_PASSES
  }

  /** Somebody asked when versions below this one had been invalidated. */
  private record Asked(long atLeast, CompletableFuture<Long> answer) {}

  private static final Duration A_WHILE = Duration.ofSeconds(30);

  private final GatedLoader loads = new GatedLoader();
  private final HandTime time = new HandTime();
  private final AtomicLong register = new AtomicLong();
  private final TieredCache<String, Long> cache =
      TieredCache.<String, Long>builder("register", key -> loads.load(register::get))
          .executor(loads)
          .refreshAhead(0)
          .time(time)
          .build();
  private final List<Asked> asked = new ArrayList<>();
  private long invalidated;

  @Property
  void nobodyGetsWhatWasReadBeforeAnInvalidation(@ForAll @Size(max = 40) List<Step> steps) {
    StaleFillProperties run = new StaleFillProperties();
    steps.forEach(run::take);
    while (!run.loads.stopped().isEmpty()) {
      run.loads.stopped().get(0).go();
    }
    for (Asked one : run.asked) { // they are told on the common pool
      assertThat(one.answer().handle((found, failure) -> true)).succeedsWithin(A_WHILE);
    }
    for (Asked one : run.asked) {
      if (!one.answer().isCompletedExceptionally()) {
        assertThat(one.answer().join()).isGreaterThanOrEqualTo(one.atLeast());
      }
    }
    CacheStats stats = run.cache.stats();
    assertThat(stats.gets()).as("each answer is counted once").isEqualTo(run.asked.size());
  }

  private void take(Step step) {
    switch (step) {
      case ASK -> asked.add(new Asked(invalidated, cache.getAsync("key")));
      case ASK_FOR_MANY ->
          asked.add(
              new Asked(
                  invalidated,
                  cache.getAllAsync(List.of("key")).thenApply(found -> found.get("key"))));
      case WRITE -> register.incrementAndGet();
      case INVALIDATE -> {
        long version = register.get();
        cache.invalidate("key");
        invalidated = version;
      }
      case INVALIDATE_EVERYTHING -> {
        long version = register.get();
        cache.invalidateAll();
        invalidated = version;
      }
      case INVALIDATE_AND_GO_ON -> goOn(() -> cache.invalidateAsync("key"));
      case INVALIDATE_EVERYTHING_AND_GO_ON -> goOn(cache::invalidateAllAsync);
      case PUT_AND_GO_ON -> {
        var unused = cache.putAsync("key", register.incrementAndGet());
        invalidated = register.get();
      }
      case PUT -> {
        cache.put("key", register.incrementAndGet());
        invalidated = register.get();
      }
      case FIRST_LOAD_ANSWERS ->
          loads.stopped().stream().findFirst().ifPresent(GatedLoader.Stopped::go);
      case LAST_LOAD_ANSWERS -> {
        List<GatedLoader.Stopped> stopped = loads.stopped();
        if (!stopped.isEmpty()) {
          stopped.get(stopped.size() - 1).go();
        }
      }
      case FIRST_LOAD_FAILS ->
          loads.stopped().stream().findFirst().ifPresent(GatedLoader.Stopped::fail);
      case TIME_PASSES -> time.advance(Duration.ofSeconds(20));
    }
  }

  /**
   * It counts from when the call returns, though nobody knows yet where the write lies: that is
   * asked of the database, which answers as loads do.
   */
  @SuppressWarnings("try") // the scope is opened for its effect
  private void goOn(Supplier<CompletableFuture<Void>> removal) {
    long version = register.get();
    RequestContext writer = RequestContext.builder().build();
    writer.observeLater("database", () -> loads.load(() -> ConsistencyToken.NONE));
    try (RequestContext.Scope scope = writer.attach()) {
      var unused = removal.get();
    }
    invalidated = version;
  }
}
