package io.headroom.cache;

import io.headroom.LoadSignal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What the README shows, compiled. */
@SuppressWarnings("unused") // nothing here is called
abstract class ReadmeSnippets {

  interface Profile {}

  interface Repository {
    @Nullable Profile find(long id);

    void rename(long id, String name);
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

  void options(Repository repository, LoadSignal guards) {
    // snippet: cache-options
    TieredCache<Long, Profile> profiles =
        TieredCache.<Long, Profile>builder("profile", repository::find)
            .maximumEntries(100_000)
            .ttl(Duration.ofMinutes(1))
            .staleFor(Duration.ofMinutes(10)) // while a load fails, is slow, or is to be spared
            .softTimeout(Duration.ofMillis(50))
            .hardTimeout(Duration.ofSeconds(2))
            .loadSignal(guards, "orders") // from LoadLevel.HIGH on, stale values are served
            .build();
    // end snippet
  }
}
