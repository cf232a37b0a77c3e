package io.headroom.testkit.interleaving;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.TieredCache;
import io.headroom.testkit.cache.CacheHistory;
import io.headroom.testkit.cache.CacheHistoryChecker;
import io.headroom.testkit.cache.CacheInvalidation;
import io.headroom.testkit.cache.CacheRead;
import io.headroom.testkit.cache.CacheWrite;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Any list of numbers is a schedule, and the same one each time; races show in some of them. */
class InterleavingProperties {

  /** A counter that forgets: it reads, and writes one more. */
  private static Interleaving increments(List<Integer> choices, int actors, AtomicLong counter) {
    Interleaving race = Interleaving.of(choices);
    for (int number = 0; number < actors; number++) {
      race.actor(
          "actor-" + number,
          () -> {
            long before = counter.get();
            race.point("read");
            counter.set(before + 1);
          });
    }
    return race;
  }

  @Property(tries = 300)
  void theSameChoicesMakeTheSameRun(
      @ForAll @Size(max = 12) List<Integer> choices,
      @ForAll @IntRange(min = 1, max = 4) int actors) {
    AtomicLong counter = new AtomicLong();
    Interleaving race = increments(choices, actors, counter);
    race.run();
    AtomicLong again = new AtomicLong();
    Interleaving repeated = increments(race.choices(), actors, again);
    repeated.run();

    assertThat(repeated.trace()).isEqualTo(race.trace()).hasSize(2 * actors);
    assertThat(again).hasValue(counter.get());
    assertThat(counter).as("%s", race).hasValue(predicted(race.trace()));
  }

  /** What the counter must be by the trace alone: an actor reads at its start, and then writes. */
  private static long predicted(List<String> trace) {
    Map<String, Long> read = new HashMap<>();
    long counter = 0;
    for (String step : trace) {
      String actor = step.substring(0, step.indexOf(':'));
      if (step.endsWith(":start")) {
        read.put(actor, counter);
      } else {
        counter = read.get(actor) + 1;
      }
    }
    return counter;
  }

  /** Loads on threads of their own, whose answers readers wait for in earnest or by declaration. */
  @Property(tries = 100)
  void aCacheServesNothingThatWasInvalidatedBefore(
      @ForAll @Size(max = 20) List<@IntRange(min = 0, max = 3) Integer> choices,
      @ForAll boolean inEarnest) {
    Interleaving race = Interleaving.of(choices);
    CacheHistory history = CacheHistory.create(System::nanoTime);
    AtomicLong store = new AtomicLong();
    TieredCache<String, Long> cache =
        TieredCache.<String, Long>builder(
                "carts",
                key -> {
                  race.point("before load");
                  long version = store.get();
                  race.point("after load");
                  return version;
                })
            .executor(race.executor("load"))
            .refreshAhead(0)
            .build();
    for (String reader : List.of("reader", "other reader")) {
      race.actor(
          reader,
          () -> {
            for (int i = 0; i < 2; i++) {
              CacheRead read = history.read("a", "cart");
              CompletableFuture<Long> answer = cache.getAsync("cart");
              if (!inEarnest) {
                race.await("answered", answer::isDone);
              }
              read.returned(answer.join());
            }
          });
    }
    race.actor(
        "writer",
        () -> {
          for (long version = 1; version <= 2; version++) {
            CacheWrite write = history.write("cart", version);
            store.set(version);
            write.committed();
            race.point("committed");
            CacheInvalidation invalidation = history.invalidation("a", "cart");
            cache.invalidate("cart");
            invalidation.returned();
            race.point("invalidated");
          }
        });
    race.run();

    CacheHistoryChecker.of(history).verify();
    CacheRead last = history.read("a", "cart");
    last.returned(cache.get("cart"));
    CacheHistoryChecker.of(history).verify();
  }
}
