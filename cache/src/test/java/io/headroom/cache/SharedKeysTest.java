package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Any text is a key, for all processes. */
class SharedKeysTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static final List<String> STRANGE =
      List.of(
          "",
          " ",
          "\0",
          "a\0b",
          "\r\n*3\r\n$3\r\nSET",
          "\u001b[31m",
          "{",
          "}",
          "{}",
          "{other:00}:1",
          "}{",
          ":",
          "#",
          "log",
          "%s%n",
          "'\"\\",
          "\uD83D\uDE00",
          "e\u0301 \u00e9",
          "\uFFFD",
          "?",
          "k".repeat(Layout.LONGEST_TEXT_BYTES),
          "k".repeat(Layout.LONGEST_TEXT_BYTES + 1),
          "\uD83D\uDE00".repeat(Layout.LONGEST_TEXT_BYTES / 4 + 1),
          "m".repeat(1 << 20),
          "m".repeat((1 << 20) - 1) + "n");

  private Fleet fleet;
  private TieredCache<String, String> here;
  private TieredCache<String, String> there;

  @BeforeEach
  void begin() {
    fleet = new Fleet(redis.get());
    here = fleet.process();
    there = fleet.process();
  }

  @AfterEach
  void end() {
    fleet.close();
  }

  private Map<String, String> all(String value) {
    Map<String, String> all = new LinkedHashMap<>();
    for (int i = 0; i < STRANGE.size(); i++) {
      all.put(STRANGE.get(i), value + i);
    }
    return all;
  }

  private void awaitFills(TieredCache<String, String> cache, int many) {
    OneEntry.soon().until(() -> cache.stats().shared().count(Count.FILLS_KEPT) == many);
  }

  @Test
  void strangeKeysAreSharedAndForgottenOneByOne() {
    fleet.table().putAll(all("old "));
    STRANGE.forEach(key -> assertThat(here.get(key)).isEqualTo(fleet.table().get(key)));
    awaitFills(here, STRANGE.size());
    assertThat(there.getAll(STRANGE)).isEqualTo(all("old "));
    assertThat(there.stats().served(Served.SHARED)).isEqualTo(STRANGE.size());

    Map<String, String> known = all("old ");
    for (String key : STRANGE) {
      fleet.table().put(key, "new");
      known.put(key, "new");
      here.invalidate(key);
      assertThat(here.get(key)).isEqualTo("new");
      OneEntry.soon().until(() -> "new".equals(there.get(key)));
      assertThat(there.getAll(STRANGE)).as("and no other").isEqualTo(known);
    }
    assertThat(here.stats().shared().count(Count.INVALIDATIONS_SENT)).isEqualTo(STRANGE.size());
    assertThat(there.stats().shared().count(Count.FAILURES)).isZero();
  }

  @Test
  void strangeKeysArePut() {
    fleet.table().putAll(all("old "));
    assertThat(there.getAll(STRANGE)).isEqualTo(all("old "));

    all("put ").forEach(here::put);

    assertThat(here.getAll(STRANGE)).isEqualTo(all("put "));
    OneEntry.soon().until(() -> there.getAll(STRANGE).equals(all("put ")));
  }

  @Test
  void noKeyIsRefused() {
    List<Runnable> uses =
        List.of(
            () -> here.get(null),
            () -> here.getIfPresent(null),
            () -> here.getAsync(null).join(),
            () -> here.put(null, "x"),
            () -> here.invalidate(null),
            () -> here.fill(null),
            () -> here.invalidateAll(new ArrayList<>(Arrays.asList("a", null))),
            () -> here.getAll(Arrays.asList("a", null)));
    for (Runnable use : uses) {
      assertThatThrownBy(use::run).isInstanceOf(NullPointerException.class);
    }
    assertThat(here.stats().gets()).isZero();
  }

  /** It has no form in UTF-8, and would get the value of a question mark. */
  @Test
  void halfACharacterIsRefused() {
    assertThatThrownBy(() -> here.get("\uD83D"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("surrogate");
    assertThatThrownBy(() -> here.put("\uDE00", "x")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> here.invalidate("\uDE00"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
