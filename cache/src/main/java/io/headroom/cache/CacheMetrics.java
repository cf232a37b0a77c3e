package io.headroom.cache;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.Locale;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * A cache's meters.
 *
 * <pre>{@code
 * new CacheMetrics(profiles).bindTo(registry);
 * }</pre>
 *
 * <p>Every meter has the tag {@code cache}, its name.
 *
 * <table>
 * <caption>Meters</caption>
 * <tr><th>name</th><th>what</th></tr>
 * <tr><td>{@code headroom.cache.gets}</td><td>keys asked for, by {@code served}: {@link Served} in
 *     lower case</td></tr>
 * <tr><td>{@code headroom.cache.loads}</td><td>calls of the loader, by {@code outcome}: {@code
 *     answered} or {@code failed}</td></tr>
 * <tr><td>{@code headroom.cache.refreshes}</td><td>loads begun ahead of an entry's end</td></tr>
 * <tr><td>{@code headroom.cache.evictions}</td><td>entries that had to go for want of room, or whose
 *     time was over</td></tr>
 * <tr><td>{@code headroom.cache.entries}</td><td>entries that are there now</td></tr>
 * </table>
 *
 * <p>Thread-safe. Needs micrometer-core, which nothing else in this module does.
 */
@SuppressWarnings(
    "exports") // Micrometer is optional: a module that binds meters requires it itself
public final class CacheMetrics implements MeterBinder {

  private static final String PREFIX = "headroom.cache.";

  private final TieredCache<?, ?> cache;

  /**
   * Creates the binder.
   *
   * @param cache whose meters
   */
  public CacheMetrics(TieredCache<?, ?> cache) {
    this.cache = Objects.requireNonNull(cache, "cache must not be null");
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    Tags tags = Tags.of("cache", cache.name());
    for (Served how : Served.values()) {
      Tags from = tags.and("served", how.name().toLowerCase(Locale.ROOT));
      counter(registry, "gets", "keys asked for", from, stats -> stats.served(how));
    }
    String loads = "calls of the loader";
    counter(registry, "loads", loads, tags.and("outcome", "answered"), CacheStats::loads);
    counter(registry, "loads", loads, tags.and("outcome", "failed"), CacheStats::loadFailures);
    counter(registry, "refreshes", "loads ahead of an entry's end", tags, CacheStats::refreshes);
    counter(registry, "evictions", "entries that had to go", tags, CacheStats::evictions);
    Gauge.builder(PREFIX + "entries", cache, known -> known.stats().entries())
        .description("entries that are there now")
        .tags(tags)
        .register(registry);
  }

  private void counter(
      MeterRegistry registry,
      String name,
      String description,
      Tags tags,
      ToDoubleFunction<CacheStats> count) {
    FunctionCounter.builder(PREFIX + name, cache, known -> count.applyAsDouble(known.stats()))
        .description(description)
        .tags(tags)
        .register(registry);
  }
}
