package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is done for each shard, and what of it fails. */
class EachShardTest {

  private static Throwable thrown(String which) {
    return switch (which) {
      case "error" -> new NoClassDefFoundError("com/example/Missing");
      default -> new IllegalStateException(which);
    };
  }

  /** As it is, and not in an exception of another kind, and once all others are done. */
  @ParameterizedTest
  @ValueSource(strings = {"error", "exception"})
  void whatIsThrownComesThrough(String which) {
    Throwable thrown = thrown(which);
    Set<String> done = ConcurrentHashMap.newKeySet();
    assertThatThrownBy(
            () ->
                EachShard.run(
                    List.of("s0", "s1", "s2"),
                    2,
                    "test-each",
                    shard -> {
                      if (shard.equals("s0")) {
                        throwIt(thrown);
                      }
                      return done.add(shard);
                    }))
        .isSameAs(thrown);
    assertThat(done).containsExactlyInAnyOrder("s1", "s2");
  }

  private static void throwIt(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  @Test
  void resultsAreInTheOrderOfTheShards() {
    assertThat(EachShard.run(List.of("b", "c", "a"), 3, "test-each", shard -> shard + "!"))
        .containsExactly(entry("b", "b!"), entry("c", "c!"), entry("a", "a!"));
  }
}
