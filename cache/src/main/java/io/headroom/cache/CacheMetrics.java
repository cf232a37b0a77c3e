package io.headroom.cache;

import io.headroom.BoundMetrics;
import io.headroom.cache.SharedStats.Count;
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
 * CacheMetrics.of(profiles).bindTo(registry);
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
 * <p>A cache with a shared tier has these too:
 *
 * <table>
 * <caption>Meters of the shared tier</caption>
 * <tr><th>name</th><th>what</th></tr>
 * <tr><td>{@code headroom.cache.invalidations}</td><td>invalidations, by {@code outcome}: this
 *     process's own are {@code sent}, {@code delayed} where the shared tier has not done them at
 *     once, and {@code sent_again} when it has; all processes' are {@code seen} on the bus or, where
 *     they were missed, {@code repaired} from the log</td></tr>
 * <tr><td>{@code headroom.cache.gap.repairs}</td><td>how often some were repaired</td></tr>
 * <tr><td>{@code headroom.cache.partitions.stale}</td><td>how often all that a partition had here
 *     became stale or had to go, since too much was missed</td></tr>
 * <tr><td>{@code headroom.cache.histories.lost}</td><td>how often a server turned out to have
 *     forgotten what it had</td></tr>
 * <tr><td>{@code headroom.cache.fills}</td><td>loaded values for the shared tier, by {@code
 *     outcome}: {@code kept}, {@code refused} since something happened to their key meanwhile,
 *     {@code failed}</td></tr>
 * <tr><td>{@code headroom.cache.loads.unshared}</td><td>keys loaded without the shared tier, which
 *     could not be asked or filled</td></tr>
 * <tr><td>{@code headroom.cache.lease.waits.in.vain}</td><td>waits for what another process was
 *     loading that took too long</td></tr>
 * <tr><td>{@code headroom.cache.shared.failures}</td><td>questions to the shared tier without an
 *     answer, by {@code reason}: {@code failed}, or came late, or {@code not_asked} while it is
 *     away</td></tr>
 * <tr><td>{@code headroom.cache.undecodable}</td><td>values and messages there that this process
 *     cannot read</td></tr>
 * <tr><td>{@code headroom.cache.not.shared}</td><td>values kept to this process, by {@code reason}:
 *     {@code too_large} or {@code not_encoded}</td></tr>
 * <tr><td>{@code headroom.cache.shared.bytes}</td><td>bytes of values, by {@code direction}: {@code
 *     read} or {@code written}</td></tr>
 * <tr><td>{@code headroom.cache.suspect}</td><td>for how many seconds the least certain part of the keys
 *     has had no word that no invalidation was missed: about a second in good times</td></tr>
 * <tr><td>{@code headroom.cache.invalidations.open}</td><td>invalidations of this process that the
 *     shared tier has not confirmed yet</td></tr>
 * </table>
 *
 * <p>Give each cache a name of its own: of two of one name in one registry the first has the
 * meters, and the second a warning in the log. They go from the registry when the cache is closed,
 * so that another of its name may be bound there. Thread-safe. Needs micrometer-core, which nothing
 * else in this module does.
 */
@SuppressWarnings(
    "exports") // Micrometer is optional: a module that binds meters requires it itself
public final class CacheMetrics implements MeterBinder {

  private static final String PREFIX = "headroom.cache.";

  private final TieredCache<?, ?> cache;

  private CacheMetrics(TieredCache<?, ?> cache) {
    this.cache = Objects.requireNonNull(cache, "cache must not be null");
  }

  /**
   * Creates the binder.
   *
   * @param cache whose meters
   * @return its binder
   */
  public static CacheMetrics of(TieredCache<?, ?> cache) {
    return new CacheMetrics(cache);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    BoundMetrics bound =
        BoundMetrics.in(registry, PREFIX, TieredCache.class, "cache '" + cache.name() + "'");
    Tags tags = Tags.of("cache", cache.name());
    for (Served how : Served.values()) {
      Tags from = tags.and("served", how.name().toLowerCase(Locale.ROOT));
      bound.counter("gets", "keys asked for", from, cache, known -> known.stats().served(how));
    }
    String loads = "calls of the loader";
    bound.counter(
        "loads", loads, tags.and("outcome", "answered"), cache, known -> known.stats().loads());
    bound.counter(
        "loads",
        loads,
        tags.and("outcome", "failed"),
        cache,
        known -> known.stats().loadFailures());
    bound.counter(
        "refreshes", "loads ahead of an entry's end", tags, cache, c -> c.stats().refreshes());
    bound.counter(
        "evictions",
        "entries that had to go for want of room, or whose time was over",
        tags,
        cache,
        known -> known.stats().evictions());
    bound.gauge(
        "entries", "entries that are there now", tags, cache, known -> known.stats().entries());
    if (cache.stats().shared() != null) {
      bindShared(bound, tags, cache);
    }
    cache.onClose(bound.removal());
  }

  private static void bindShared(BoundMetrics bound, Tags tags, TieredCache<?, ?> cache) {
    for (Count count : Count.values()) {
      SharedMeter meter = SharedMeter.of(count);
      Tags ofEach = tags.and(meter.tags);
      ToDoubleFunction<TieredCache<?, ?>> counted = known -> shared(known).count(count);
      if (meter.bytes) {
        bound.bytes(meter.name, meter.description, ofEach, cache, counted);
      } else {
        bound.counter(meter.name, meter.description, ofEach, cache, counted);
      }
    }
    bound.time(
        "suspect",
        "for how long there was no word that no invalidation was missed",
        tags,
        cache,
        known -> (double) shared(known).suspectNanos());
    bound.gauge(
        "invalidations.open",
        "invalidations that the shared tier has not confirmed yet",
        tags,
        cache,
        known -> shared(known).invalidationsOpen());
  }

  private static SharedStats shared(TieredCache<?, ?> cache) {
    return Objects.requireNonNull(cache.stats().shared());
  }

  /** The meter of a count, of which several may be told apart by a tag. */
  private record SharedMeter(String name, String description, Tags tags, boolean bytes) {

    private static SharedMeter of(Count count) {
      return switch (count) {
        case INVALIDATIONS_SENT -> invalidations("sent");
        case INVALIDATIONS_DELAYED -> invalidations("delayed");
        case INVALIDATIONS_SENT_AGAIN -> invalidations("sent_again");
        case INVALIDATIONS_SEEN -> invalidations("seen");
        case INVALIDATIONS_REPAIRED -> invalidations("repaired");
        case GAP_REPAIRS -> plain("gap.repairs", "how often missed invalidations were repaired");
        case PARTITIONS_MADE_STALE ->
            plain(
                "partitions.stale",
                "how often all that a partition had here became stale, or had to go");
        case LOST_HISTORIES ->
            plain(
                "histories.lost",
                "how often a server of the shared tier had forgotten what it had");
        case FILLS_KEPT -> fills("kept");
        case FILLS_REFUSED -> fills("refused");
        case FILLS_FAILED -> fills("failed");
        case LOADED_UNSHARED -> plain("loads.unshared", "keys loaded without the shared tier");
        case LEASE_WAITS_IN_VAIN ->
            plain(
                "lease.waits.in.vain",
                "waits that took too long for what another process was loading");
        case FAILURES -> failures("failed");
        case NOT_ASKED -> failures("not_asked");
        case UNDECODABLE ->
            plain("undecodable", "values and messages that this process cannot read");
        case NOT_ENCODED -> notShared("not_encoded");
        case TOO_LARGE -> notShared("too_large");
        case BYTES_READ -> bytes("read");
        case BYTES_WRITTEN -> bytes("written");
      };
    }

    private static SharedMeter plain(String name, String description) {
      return new SharedMeter(name, description, Tags.empty(), false);
    }

    private static SharedMeter invalidations(String outcome) {
      return new SharedMeter(
          "invalidations", "invalidations in the shared tier", Tags.of("outcome", outcome), false);
    }

    private static SharedMeter fills(String outcome) {
      return new SharedMeter(
          "fills", "loaded values for the shared tier", Tags.of("outcome", outcome), false);
    }

    private static SharedMeter failures(String reason) {
      return new SharedMeter(
          "shared.failures",
          "questions to the shared tier without an answer",
          Tags.of("reason", reason),
          false);
    }

    private static SharedMeter notShared(String reason) {
      return new SharedMeter(
          "not.shared",
          "values kept to this process, and not put in the shared tier",
          Tags.of("reason", reason),
          false);
    }

    private static SharedMeter bytes(String direction) {
      return new SharedMeter(
          "shared.bytes",
          "bytes of values to and from the shared tier",
          Tags.of("direction", direction),
          true);
    }
  }
}
