package io.headroom.cache;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * When each tag was last invalidated, as far as this process knows. Bounded: when there are too
 * many, all that was loaded before is taken for outdated, whatever its tags. Thread-safe.
 */
final class LocalTags {

  private static final int MOST = 10_000;

  private final ConcurrentMap<String, Long> invalidated = new ConcurrentHashMap<>();
  private final AtomicLong clock = new AtomicLong();

  /** What was read before is outdated if it has any tag. It only grows. */
  private final AtomicLong floor = new AtomicLong();

  /** The present, which grows with each invalidation; taken before a value is read. */
  long now() {
    return clock.get();
  }

  /** Makes everything outdated that has the tag and was read before now. */
  void invalidate(String tag) {
    invalidated.merge(tag, clock.incrementAndGet(), Math::max);
    if (invalidated.size() > MOST) {
      long now = clock.incrementAndGet();
      floor.accumulateAndGet(now, Math::max); // before they are forgotten: none counts for less
      invalidated.values().removeIf(at -> at < now); // and no other, which may have come meanwhile
    }
  }

  /** Whether one of the tags was invalidated since. */
  boolean isOutdated(List<String> tags, long since) {
    for (String tag : tags) {
      Long at = invalidated.get(tag);
      if (at != null && at > since) {
        return true;
      }
    }
    return since < floor.get(); // looked at last: what was forgotten meanwhile is below it
  }
}
