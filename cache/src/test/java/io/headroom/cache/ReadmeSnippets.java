package io.headroom.cache;

import io.headroom.LoadSignal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the README shows, compiled. */
@SuppressWarnings("unused") // nothing here is called
abstract class ReadmeSnippets {

  interface Profile {
    long team();
  }

  interface Repository {
    @Nullable Profile find(long id);

    Map<Long, Profile> findAll(Set<Long> ids);

    void rename(long id, String name);
  }

  void loadAll(Repository repository) {
    // snippet: cache-load-all
    final class Profiles implements CacheLoader<Long, Profile> {
      @Override
      public @Nullable Profile load(Long id) {
        return repository.find(id);
      }

      @Override
      public Map<Long, Profile> loadAll(Set<Long> ids) { // leave out those that there are not
        return repository.findAll(ids);
      }
    }
    // end snippet
  }

  void firstScreen(Repository repository) {
    // snippet: cache-first-screen
    TieredCache<Long, Profile> profiles =
        TieredCache.<Long, Profile>builder("profile", repository::find).build();

    Profile profile = profiles.get(42L); // null: there is none, which is known for a while too

    repository.rename(42L, "Ada");
    profiles.invalidate(42L); // whoever asks from now on gets Ada
    // end snippet
  }

  void shared(Repository repository) {
    // snippet: cache-shared
    RedisTier redis = RedisTier.connect("redis://cache.internal"); // one per process

    TieredCache<Long, Profile> profiles =
        TieredCache.<Long, Profile>builder("profile", repository::find)
            .shared(
                SharedTier.on(redis, CacheKeys.longs(), JacksonCodec.of(Profile.class))
                    .ttl(Duration.ofHours(1))
                    .build())
            .build();
    // end snippet
  }

  void goingOn(TieredCache<Long, Profile> profiles) {
    // snippet: cache-async
    CompletableFuture<Map<Long, Profile>> both = profiles.getAllAsync(List.of(42L, 43L));

    CompletableFuture<Void> told = profiles.invalidateAsync(42L); // here it holds already
    // end snippet
  }

  void tags(Repository repository) {
    // snippet: cache-tags
    TieredCache<Long, Profile> profiles =
        TieredCache.<Long, Profile>builder("profile", repository::find)
            .tags((id, found) -> List.of("team:" + found.team()))
            .build();

    profiles.invalidateTag("team:7"); // all of them, in all processes
    // end snippet
  }

  void options(Repository repository, LoadSignal guards) {
    // snippet: cache-options
    TieredCache<Long, Profile> profiles =
        TieredCache.<Long, Profile>builder("profile", repository::find)
            .maximumEntries(100_000)
            .ttl(Duration.ofMinutes(1))
            .staleFor(Duration.ofMinutes(10)) // while a load fails, is slow, or is to be spared
            .softTimeout(Duration.ofMillis(50))
            .hardTimeout(Duration.ofSeconds(2))
            .loadSignal(guards, "orders") // from LoadLevel.ELEVATED on, stale values are served
            .build();
    // end snippet
  }
}
