package io.headroom.cache;

import java.io.Serial;
import java.util.Collections;
import java.util.Map;

/** Of many values that were asked for at once, some could not be had; the others are here. */
public final class PartialLoadException extends CacheLoadException {

  @Serial private static final long serialVersionUID = 1L;

  private final transient Map<Object, Object> found;
  private final transient Map<Object, CacheLoadException> failures;

  PartialLoadException(
      String cache, Map<Object, Object> found, Map<Object, CacheLoadException> failures) {
    super(
        cache,
        "cache '"
            + cache
            + "': "
            + failures.size()
            + " of the keys could not be loaded; what was found of the others is in found()",
        failures.values().iterator().next());
    this.found = Collections.unmodifiableMap(found);
    this.failures = Collections.unmodifiableMap(failures);
  }

  /**
   * Returns the values that are there; empty after serialization.
   *
   * @return by key; a key that is neither here nor among the {@linkplain #failures failures} has
   *     none
   */
  @SuppressWarnings("ConstantConditions") // null after serialization
  public Map<Object, Object> found() {
    return found == null ? Map.of() : found;
  }

  /**
   * Returns why the others could not be had; empty after serialization.
   *
   * @return by key
   */
  @SuppressWarnings("ConstantConditions") // null after serialization
  public Map<Object, CacheLoadException> failures() {
    return failures == null ? Map.of() : failures;
  }
}
