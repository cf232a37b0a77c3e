package io.headroom.cache;

import java.util.LinkedHashMap;
import java.util.Map;

/** Some of many values could not be loaded, and the others were. */
final class LoadedInPart extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Map<?, ?> values;
  private final transient Map<?, Exception> failures;

  /**
   * Creates it.
   *
   * @param values those that there are
   * @param failures of each other key, why
   */
  LoadedInPart(Map<?, ?> values, Map<?, Exception> failures) {
    super(
        failures.size()
            + " of the keys could not be loaded, the first of them since "
            + failures.values().iterator().next(),
        failures.values().iterator().next());
    this.values = new LinkedHashMap<>(values);
    this.failures = new LinkedHashMap<>(failures);
  }

  @SuppressWarnings("unchecked") // of the loader that has thrown it
  <K, V> Loading.Many<K, V> many() {
    return new Loading.Many<>((Map<K, V>) values, (Map<K, Exception>) failures);
  }
}
