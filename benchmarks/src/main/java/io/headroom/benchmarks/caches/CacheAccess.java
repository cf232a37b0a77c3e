package io.headroom.benchmarks.caches;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One process's cache of profiles, on a Redis that it shares with others. Thread-safe. */
public interface CacheAccess extends AutoCloseable {
  /**
   * Gets a profile from the nearest that has it, and keeps it where it was missing.
   *
   * @param id whose
   * @return the profile
   */
  Profile get(Long id);

  /**
   * Gets many profiles with as few round trips as the cache can.
   *
   * @param ids whose
   * @return the profile of each id
   */
  Map<Long, Profile> getAll(Collection<Long> ids);

  /**
   * Stores a profile, in Redis too.
   *
   * @param id whose
   * @param profile what
   */
  void put(Long id, Profile profile);

  /**
   * Removes a profile here, from Redis, and from what other processes hold.
   *
   * @param id whose
   */
  void invalidate(Long id);

  /**
   * What this process would serve without asking Redis.
   *
   * @param id whose
   * @return the profile, null if Redis would be asked
   */
  @Nullable Profile peek(Long id);

  @Override
  void close();
}
