package io.headroom.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Somebody reads, somebody else writes and evicts, and only then is it put what was read: a cache
 * that keeps it serves the old value until its time is over.
 */
class StaleFillTest {

  private final HeadroomCache cache =
      HeadroomCacheManager.builder().createMissing(options -> {}).build().getCache("profiles");

  @Test
  void aPutAfterALookIsKept() {
    assertThat(cache.get("key")).isNull();
    cache.put("key", "value");

    assertThat(cache.get("key").get()).isEqualTo("value");
  }

  @Test
  void aPutAfterALookIsNotKeptOnceOthersHaveEvicted() {
    assertThat(cache.get("key")).isNull();
    byAnother(() -> cache.evict("key"));
    cache.put("key", "old");

    assertThat(cache.get("key")).isNull();
    cache.put("key", "new");
    assertThat(cache.get("key").get()).as("it was looked up again").isEqualTo("new");
  }

  @Test
  void aPutAfterALookIsNotKeptOnceAllIsEvicted() {
    assertThat(cache.get("key", String.class)).isNull();
    byAnother(cache::clear);
    cache.put("key", "old");

    assertThat(cache.get("key")).isNull();
  }

  @Test
  void aPutAfterALookIsNotKeptOnceOthersHavePutTheNewest() {
    assertThat(cache.get("key")).isNull();
    byAnother(() -> cache.put("key", "new"));
    cache.put("key", "old");

    assertThat(cache.get("key")).as("which of the two is newer, nobody knows").isNull();
  }

  @Test
  void anEvictionBehindSpringsBackCountsToo() {
    assertThat(cache.get("key")).isNull();
    byAnother(() -> cache.getNativeCache().invalidate("key"));
    cache.put("key", "old");

    assertThat(cache.get("key")).isNull();
  }

  @Test
  void twoWhoReadAtOnceMayBothPut() {
    assertThat(cache.get("key")).isNull();
    byAnother(
        () -> {
          assertThat(cache.get("key")).isNull();
          cache.put("key", "value");
        });
    cache.put("key", "value");

    assertThat(cache.get("key").get()).isEqualTo("value");
  }

  @Test
  void aPutWithoutALookIsTheNewest() {
    byAnother(() -> assertThat(cache.get("key")).isNull());
    cache.put("key", "new");

    assertThat(cache.get("key").get()).isEqualTo("new");
  }

  @Test
  void aLookThatNothingCameOfDoesNotKeepAnOldValueAlive() {
    assertThat(cache.get("key")).as("looked up, and the method failed").isNull();
    byAnother(
        () -> {
          cache.evict("key");
          cache.put("key", "old");
        });
    cache.put("key", "new");

    assertThat(cache.get("key")).as("neither is known to be the newest").isNull();
  }

  @Test
  void aThreadRemembersItsLastLooksOnly() {
    assertThat(cache.get("key")).isNull();
    IntStream.range(0, 100).forEach(other -> assertThat(cache.get(other)).isNull());
    cache.evict("key");
    cache.put("key", "taken for the newest");

    assertThat(cache.get("key").get()).isEqualTo("taken for the newest");
  }

  @Test
  void nothingIsPutIfAbsentOnceOthersHaveEvicted() {
    assertThat(cache.get("key")).isNull();
    byAnother(() -> cache.evict("key"));

    assertThat(cache.putIfAbsent("key", "old")).isNull();
    assertThat(cache.get("key")).isNull();
  }

  @Test
  void aSynchronizedLoadIsNotKeptOnceOthersHaveEvicted() {
    String answer =
        cache.get(
            "key",
            () -> {
              byAnother(() -> cache.evict("key"));
              return "old";
            });

    assertThat(answer).isEqualTo("old");
    assertThat(cache.get("key")).isNull();
  }

  @Test
  void nobodyJoinsARetrievalFromBeforeAnEviction() {
    CompletableFuture<String> before = new CompletableFuture<>();
    CompletableFuture<String> after = new CompletableFuture<>();
    CompletableFuture<String> first = cache.retrieve("key", () -> before);
    cache.evict("key");
    CompletableFuture<String> second = cache.retrieve("key", () -> after);

    after.complete("new");
    before.complete("old");

    assertThat(first.join()).isEqualTo("old");
    assertThat(second.join()).isEqualTo("new");
    assertThat(cache.get("key").get()).isEqualTo("new");
  }

  private static void byAnother(Runnable task) {
    CompletableFuture.runAsync(task).join();
  }
}
