package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

/**
 * Whatever a caller does in whatever order: the futures bring what the methods that wait return or
 * throw, and the cache is none the other.
 */
class AsyncTwinsProperties {

  /** What may happen next. */
  enum Step {
    GET,
    GET_BOTH,
    GET_ALL_THREE,
    LOOK,
    PUT,
    INVALIDATE,
    INVALIDATE_BOTH,
    INVALIDATE_TAG,
    INVALIDATE_ALL,
    WRITE,
    TRANSACTION_BEGINS,
    TRANSACTION_ENDS,
    DATABASE_FAILS,
    DATABASE_ANSWERS,
    TIME_PASSES
  }

  @Property
  void theyComeToTheSame(@ForAll @Size(max = 40) List<Step> steps) {
    Run waiting = new Run(false);
    Run asynchronous = new Run(true);
    for (Step step : steps) {
      assertThat(asynchronous.take(step)).as("%s", step).isEqualTo(waiting.take(step));
      assertThat(asynchronous.stats()).as("%s", step).isEqualTo(waiting.stats());
    }
  }

  /** One of two caches to which the same happens. */
  @SuppressWarnings("try") // scopes are opened for their effect
  private static final class Run {

    private final boolean isAsync;
    private final Map<String, String> database =
        new HashMap<>(Map.of("a", "a0", "b", "b0", "c", "c0"));
    private final HandTime time = new HandTime();
    private final RequestContext request = RequestContext.builder().build();
    private final TieredCache<String, String> cache =
        TieredCache.<String, String>builder("twins", this::load)
            .tags((key, value) -> List.of("tag:" + key))
            .ttlJitter(0)
            .refreshAhead(0)
            .staleFor(Duration.ofSeconds(30))
            .executor(Runnable::run)
            .time(time)
            .build();
    private boolean fails;
    private int version;

    Run(boolean isAsync) {
      this.isAsync = isAsync;
    }

    private @Nullable String load(String key) {
      if (fails) {
        throw new IllegalStateException("down");
      }
      return database.get(key);
    }

    /** What the caller gets to see. */
    String take(Step step) {
      try (RequestContext.Scope scope = request.attach()) {
        return switch (step) {
          case GET -> outcome(() -> cache.get("a"), () -> cache.getAsync("a"));
          case GET_BOTH -> all(List.of("a", "b"));
          case GET_ALL_THREE -> all(List.of("a", "b", "c", "a"));
          case LOOK -> "" + cache.getIfPresent("a");
          case PUT -> {
            String value = "a" + ++version;
            database.put("a", value);
            yield done(() -> cache.put("a", value), () -> cache.putAsync("a", value));
          }
          case INVALIDATE -> done(() -> cache.invalidate("a"), () -> cache.invalidateAsync("a"));
          case INVALIDATE_BOTH -> {
            List<String> both = List.of("a", "b");
            yield done(() -> cache.invalidateAll(both), () -> cache.invalidateAllAsync(both));
          }
          case INVALIDATE_TAG ->
              done(() -> cache.invalidateTag("tag:b"), () -> cache.invalidateTagAsync("tag:b"));
          case INVALIDATE_ALL -> done(cache::invalidateAll, cache::invalidateAllAsync);
          default -> {
            happens(step);
            yield "";
          }
        };
      }
    }

    private void happens(Step step) {
      switch (step) {
        case WRITE -> {
          version++;
          database.replaceAll((key, value) -> key + version);
          database.remove("c");
        }
        case TRANSACTION_BEGINS -> request.writeTransactionOpened();
        case TRANSACTION_ENDS -> {
          if (request.inWriteTransaction()) {
            request.writeTransactionClosed();
          }
        }
        case DATABASE_FAILS -> fails = true;
        case DATABASE_ANSWERS -> fails = false;
        case TIME_PASSES -> time.advance(Duration.ofSeconds(25));
        default -> throw new IllegalArgumentException(step.toString());
      }
    }

    private String all(List<String> keys) {
      return outcome(() -> cache.getAll(keys), () -> cache.getAllAsync(keys));
    }

    private String done(Runnable waits, Supplier<CompletableFuture<Void>> goesOn) {
      return outcome(
          () -> {
            waits.run();
            return null;
          },
          goesOn);
    }

    private <T> String outcome(
        Supplier<@Nullable T> waits, Supplier<? extends CompletableFuture<? extends T>> goesOn) {
      List<Object> seen = new ArrayList<>();
      try {
        seen.add("" + (isAsync ? goesOn.get().join() : waits.get()));
      } catch (RuntimeException thrown) {
        Throwable failure = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        seen.add("" + failure);
        if (failure instanceof PartialLoadException partial) {
          seen.add(partial.found());
          seen.add(partial.failures().toString());
        }
      }
      return seen.toString();
    }

    /** Not what has been swept out, which is done in the background. */
    List<Object> stats() {
      CacheStats stats = cache.stats();
      return List.of(stats.served(), stats.loads(), stats.loadFailures(), stats.refreshes());
    }
  }
}
