package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.Field;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds threads that outlive what began them, and loads that nobody ends. */
final class Leaks {

  private static final List<String> OURS = List.of("headroom-redis", "lettuce-", "cache-letters");

  private final Set<Thread> before = threads();

  /** Notes which threads there are now. */
  Leaks() {}

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> OURS.stream().anyMatch(thread.getName()::startsWith))
        .collect(Collectors.toSet());
  }

  /** No thread of ours is left that was not there before. */
  void assertNoThreads() {
    await("threads to end")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              Set<Thread> left = threads();
              left.removeAll(before);
              assertThat(left.stream().map(Thread::getName).sorted().toList()).isEmpty();
            });
  }

  /** No load is in the table of those that are running. */
  static void assertNoLoads(TieredCache<?, ?> cache) {
    await("loads to end").untilAsserted(() -> assertThat(loads(cache)).isEmpty());
  }

  private static Map<?, ?> loads(TieredCache<?, ?> cache) {
    return (Map<?, ?>) field(field(cache, "local"), "loads");
  }

  private static Object field(Object of, String name) {
    try {
      Field field = of.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(of);
    } catch (ReflectiveOperationException renamed) {
      throw new IllegalStateException(renamed);
    }
  }
}
