package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The executor does something else than to run its tasks, or to reject them. */
class ExecutorFaultsTest {

  private final HandTime time = new HandTime();
  private final List<String> asked = new ArrayList<>();
  private final Queue<Runnable> background = new ArrayDeque<>();
  private @Nullable Throwable failure;

  private TieredCacheBuilder<String, String> builder(Executor executor) {
    return TieredCache.<String, String>builder(
            "executor",
            key -> {
              asked.add(key);
              time.advance(Duration.ofSeconds(20));
              return key + asked.size();
            })
        .ttl(Duration.ofHours(1))
        .ttlJitter(0)
        .refreshAhead(100)
        .executor(executor)
        .time(time);
  }

  private void execute(Runnable task) {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure instanceof RuntimeException exception) {
      throw exception;
    }
    background.add(task);
  }

  /** No OutOfMemoryError, as for want of a thread: JUnit gives up where it sees one. */
  private void fail(Class<? extends Throwable> how) throws ReflectiveOperationException {
    failure = how.getConstructor(String.class).newInstance("unable to create native thread");
  }

  /** Until one of the hits has had it loaded anew, each with a chance of more than 0.9. */
  private void hit(TieredCache<String, String> cache) {
    for (int i = 0; i < 100; i++) {
      assertThat(cache.get("a")).isEqualTo("a1");
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {InternalError.class, IllegalStateException.class})
  void whoIsServedWhatIsHereDoesNotHearOfIt(Class<? extends Throwable> how) throws Exception {
    TieredCache<String, String> cache = builder(this::execute).build();
    assertThat(cache.get("a")).isEqualTo("a1");
    time.advance(Duration.ofMinutes(59));
    fail(how);

    hit(cache);

    Leaks.assertNoLoads(cache);
    failure = null;
    hit(cache);
    assertThat(background).hasSize(1);
    background.remove().run();
    assertThat(cache.getIfPresent("a")).isEqualTo("a2");
    Leaks.assertNoLoads(cache);
  }

  @ParameterizedTest
  @ValueSource(classes = {InternalError.class, IllegalStateException.class})
  void callersLoadThemselves(Class<? extends Throwable> how) throws Exception {
    TieredCache<String, String> cache =
        builder(this::execute).hardTimeout(Duration.ofMinutes(1)).build();
    fail(how);

    assertThat(cache.get("a")).isEqualTo("a1");
    assertThat(cache.getAsync("b")).isCompletedWithValue("b2");
    assertThat(cache.getAll(List.of("c", "d"))).containsKeys("c", "d");

    Leaks.assertNoLoads(cache);
  }

  @Test
  void whatItHasRunBeforeItFailedIsNotRunAgain() {
    TieredCache<String, String> cache =
        builder(
                task -> {
                  task.run();
                  throw new IllegalStateException("after the task");
                })
            .build();

    assertThat(cache.getAsync("a")).isCompletedWithValue("a1");

    time.advance(Duration.ofMinutes(59));
    for (int i = 0; asked.size() < 2; i++) {
      assertThat(cache.get("a")).isNotNull();
      assertThat(i).isLessThan(100);
    }
    assertThat(cache.getIfPresent("a")).isEqualTo("a2");
    Leaks.assertNoLoads(cache);
  }
}
