package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketNamesTest {

  private static final BucketNames NAMES = new BucketNames("door");

  @Test
  void theyAreAsDocumented() {
    assertThat(NAMES.bucket("user", 42, null)).isEqualTo("headroom:limit:{door:user:42}");
    assertThat(NAMES.bucket("all", null, null)).isEqualTo("headroom:limit:{door:all}");
    assertThat(NAMES.bucket("user", "42", "acme")).isEqualTo("headroom:limit:{door:acme}:user:42");
    assertThat(NAMES.bucket("all", null, "acme")).isEqualTo("headroom:limit:{door:acme}:all");
    assertThat(NAMES.presence()).isEqualTo("headroom:limit:{door}");
    assertThat(NAMES.bucket("user", "", null)).isEqualTo("headroom:limit:{door:user:}");
  }

  @Test
  void aLongKeyStandsAsItsDigest() {
    assertThat(NAMES.bucket("user", "x".repeat(200), null)).endsWith(":" + "x".repeat(200) + "}");
    // printf 'x%.0s' {1..201} | sha256sum
    assertThat(NAMES.bucket("user", "x".repeat(201), null))
        .matches("headroom:limit:\\{door:user#[0-9a-f]{64}\\}");
    assertThat(NAMES.bucket("user", "é".repeat(100), null)).contains("user:é");
    assertThat(NAMES.bucket("user", "é".repeat(101), null)).contains("user#");
    assertThat(NAMES.bucket("user", 1, "x".repeat(1 << 20))).hasSizeLessThan(120);
  }

  /** All that a request's buckets have in common is what Redis takes for their slot's name. */
  @ParameterizedTest
  @ValueSource(strings = {"acme", "", "a}b", "}", "{", "{}", "\uD800", "a}:user:b"})
  void bucketsOfATagHaveOneSlot(String tag) {
    Set<String> slots = new HashSet<>();
    for (String key : List.of("", "a", "}", "{", "{b}", "\uD800", "x".repeat(300))) {
      slots.add(slot(NAMES.bucket("user", key, tag)));
      slots.add(slot(NAMES.bucket("other", key, tag)));
    }
    slots.add(slot(NAMES.bucket("all", null, tag)));
    assertThat(slots).hasSize(1).doesNotContain("");
  }

  /** As the specification of Redis Cluster has it; empty if the whole key is taken. */
  private static String slot(String name) {
    int open = name.indexOf('{');
    return name.substring(open + 1, name.indexOf('}', open + 1));
  }

  /** Whatever callers call themselves, nobody gets at the bucket of another. */
  @Test
  void noTwoHaveOneName() {
    List<String> texts =
        List.of(
            "", "a", "b", "}", "{", ":", "#", "a}", "a}:user:b", "}:user:", "user:a", "?", "\0");
    Map<String, String> known = new HashMap<>();
    for (String policy : List.of("user", "other")) {
      for (String tag : texts) {
        for (String key : texts) {
          assertNew(known, NAMES.bucket(policy, key, tag), "tag " + tag + ", key " + key);
        }
        assertNew(known, NAMES.bucket(policy, null, tag), "tag " + tag);
      }
    }
    known.clear();
    for (String policy : List.of("user", "other")) {
      for (String key : texts) {
        assertNew(known, NAMES.bucket(policy, key, null), "key " + key);
      }
      assertNew(known, NAMES.bucket(policy, null, null), "all");
    }
    assertNew(known, NAMES.presence(), "presence");
  }

  private static void assertNew(Map<String, String> known, String name, String of) {
    assertThat(known.put(name, of)).as(name + " of " + of).isNull();
  }
}
