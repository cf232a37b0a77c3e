package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.Field;
import java.util.Map;

/** Finds loads that nobody ends. */
final class Leaks {

  private Leaks() {}

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
