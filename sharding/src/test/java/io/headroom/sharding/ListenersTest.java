package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each event comes with the router's name first, and what it is about. */
class ListenersTest {

  private final ShardMapException reason = new ShardMapException("too small");
  private final ShardMapStoreException cause = new ShardMapStoreException("down");

  private final List<List<Object>> heard = new ArrayList<>();

  private final ShardingListener listener =
      new ShardingListener() {
        @Override
        public void onMapChanged(String router, long fromEpoch, long toEpoch) {
          heard.add(List.of("changed", router, fromEpoch, toEpoch));
        }

        @Override
        public void onMapRefused(String router, ShardMapException reason) {
          heard.add(List.of("refused", router, reason));
        }

        @Override
        public void onStoreReadFailed(String router, ShardingException cause) {
          heard.add(List.of("failed", router, cause));
        }

        @Override
        public void onStoreLost(String router, ShardingException cause) {
          heard.add(List.of("lost", router, cause));
        }

        @Override
        public void onStoreBack(String router, long lostNanos) {
          heard.add(List.of("back", router, lostNanos));
        }

        @Override
        public void onRefreshed(String router, boolean newer) {
          heard.add(List.of("refreshed", router, newer));
        }

        @Override
        public void onFenced(String router, String shardId, int slot) {
          heard.add(List.of("fenced", router, shardId, slot));
        }

        @Override
        public void onStale(String router, String shardId, long mapEpoch) {
          heard.add(List.of("stale", router, shardId, mapEpoch));
        }

        @Override
        public void onScattered(String router, int shards, int failedShards, long nanos) {
          heard.add(List.of("scattered", router, shards, failedShards, nanos));
        }
      };

  @Test
  void eachEventNamesItsRouterAndWhatItIsAbout() {
    Listeners listeners = new Listeners("users", new ShardingListener() {}, List.of(listener));
    listeners.onMapChanged(1, 2);
    listeners.onMapRefused(reason);
    listeners.onStoreReadFailed(cause);
    listeners.onStoreLost(cause);
    listeners.onStoreBack(3);
    listeners.onRefreshed(true);
    listeners.onFenced("s1", 4);
    listeners.onStale("s2", 5);
    listeners.onScattered(7, 6, 8);
    assertThat(heard)
        .containsExactly(
            List.of("changed", "users", 1L, 2L),
            List.of("refused", "users", reason),
            List.of("failed", "users", cause),
            List.of("lost", "users", cause),
            List.of("back", "users", 3L),
            List.of("refreshed", "users", true),
            List.of("fenced", "users", "s1", 4),
            List.of("stale", "users", "s2", 5L),
            List.of("scattered", "users", 7, 6, 8L));
  }

  /** A router tells of changes and refusals by notes, for which it gives its name itself. */
  @Test
  void aRouterThatIsGivenMapsNamesItself() {
    ShardMap first = ShardMap.of("a", "b");
    ShardRouter<Long> router =
        ShardRouter.builder(ShardStrategy.hashedLongs())
            .name("users")
            .map(first.withPin(1L, "a"))
            .listener(listener)
            .build();
    router.update(first.withPin(1L, "a").withPin(2L, "a"));
    try {
      router.update(first);
    } catch (ShardMapException refused) {
      heard.add(List.of("thrown", "users", refused));
    }
    assertThat(heard).hasSize(3).allMatch(event -> event.get(1).equals("users"));
    assertThat(heard.get(0)).containsExactly("changed", "users", 2L, 3L);
    assertThat(heard.get(1)).startsWith("refused", "users");
    assertThat(heard.get(2)).startsWith("thrown");
  }
}
