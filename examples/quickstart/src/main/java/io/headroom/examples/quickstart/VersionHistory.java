package io.headroom.examples.quickstart;

import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** When each version of each profile was there, and the one before it invalidated. Thread-safe. */
final class VersionHistory {

  private final ConcurrentMap<Long, ConcurrentNavigableMap<Long, Long>> byUser =
      new ConcurrentHashMap<>();

  void add(Change change) {
    byUser
        .computeIfAbsent(change.userId(), user -> new ConcurrentSkipListMap<>())
        .put(change.version(), change.atNanos());
  }

  /**
   * Tells since when a reader has missed something who was shown a version.
   *
   * @return when the first of the later versions was there; empty if none is known
   */
  OptionalLong missedSince(long userId, long shown) {
    ConcurrentNavigableMap<Long, Long> versions = byUser.get(userId);
    return versions == null
        ? OptionalLong.empty()
        : versions.tailMap(shown, false).values().stream().mapToLong(at -> at).min();
  }
}
