package snippets;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.interleaving.Interleaving;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Function;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** What the README of testkit/kit shows, compiled. */
final class RacesInBrief {

  /** Somebody's store. */
  interface Store {
    long versionOf(String key);

    void put(String key, long version);
  }

  /** Somebody's cache. */
  interface Cache {
    long get(String key);

    void invalidate(String key);
  }

  /** Opens both anew. */
  interface World {
    Store store();

    Cache cacheOver(Function<String, Long> loader, Executor executor);
  }

  private World world;

  // snippet: race-in-brief
  @Property
  void nobodyBringsTheOldVersionBack(@ForAll List<Integer> choices) {
    Interleaving race = Interleaving.of(choices);
    Store store = world.store();
    Function<String, Long> loader =
        key -> {
          long version = store.versionOf(key);
          race.point("loaded"); // here another may overtake it
          return version;
        };
    Cache cache = world.cacheOver(loader, race.executor("load"));
    race.actor("reader", () -> cache.get("cart"));
    race.actor(
        "writer",
        () -> {
          store.put("cart", 2);
          race.point("committed");
          cache.invalidate("cart");
        });
    race.run();
    assertThat(cache.get("cart")).as("%s", race).isEqualTo(2);
  }
  // end snippet
}
