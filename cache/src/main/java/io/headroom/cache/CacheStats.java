package io.headroom.cache;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a cache has done since it was built. The counts of one moment are read one after the other:
 * while the cache is used they may differ by what happens meanwhile.
 *
 * @param served answers by where they came from; their sum is the number of keys asked for
 * @param loads calls of the loader that answered
 * @param loadFailures calls of the loader that failed
 * @param refreshes loads that were begun ahead of an entry's end, in the background
 * @param evictions entries that had to go for want of room, or whose time was over
 * @param entries entries that are there now
 * @param shared what there was to do with the shared tier; null if there is none
 */
public record CacheStats(
    Map<Served, Long> served,
    long loads,
    long loadFailures,
    long refreshes,
    long evictions,
    long entries,
    @Nullable SharedStats shared) {

  /**
   * Creates a snapshot.
   *
   * @param served answers by where they came from
   * @param loads calls of the loader that answered
   * @param loadFailures calls of the loader that failed
   * @param refreshes loads begun ahead of an entry's end
   * @param evictions entries that had to go
   * @param entries entries that are there now
   * @param shared what there was to do with the shared tier; null if there is none
   */
  public CacheStats {
    served = Collections.unmodifiableMap(new EnumMap<>(served));
  }

  /**
   * Returns how many answers came from one place.
   *
   * @param how where from
   * @return a count
   */
  public long served(Served how) {
    return served.getOrDefault(how, 0L);
  }

  /**
   * Returns how many keys were asked for.
   *
   * @return the sum of all answers, the failed ones included
   */
  public long gets() {
    return served.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Returns what part of the answers this process had at hand, fresh.
   *
   * @return from 0 to 1; 0 if nothing was asked
   */
  public double localHitRate() {
    long gets = gets();
    return gets == 0 ? 0 : (double) served(Served.LOCAL) / gets;
  }

  /**
   * Returns what part of the values that this process got, as it did not have them at hand, came
   * fresh from the shared tier: {@code SHARED} of {@code SHARED} and {@code LOADED}. Who waited for
   * another's load, or was served what is stale, does not count.
   *
   * @return from 0 to 1; 0 if nothing was asked there
   */
  public double sharedHitRate() {
    long beyond = served(Served.SHARED) + served(Served.LOADED);
    return beyond == 0 ? 0 : (double) served(Served.SHARED) / beyond;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "CacheStats[gets=%d, local=%.1f %%, served=%s, loads=%d, loadFailures=%d, refreshes=%d,"
            + " evictions=%d, entries=%d%s]",
        gets(),
        100 * localHitRate(),
        withoutZeros(served),
        loads,
        loadFailures,
        refreshes,
        evictions,
        entries,
        shared == null ? "" : ", " + shared);
  }

  /** What has happened at all, for people to read. */
  static <C extends Enum<C>> Map<C, Long> withoutZeros(Map<C, Long> counts) {
    Map<C, Long> some = new LinkedHashMap<>(counts);
    some.values().removeIf(count -> count == 0);
    return some;
  }
}
