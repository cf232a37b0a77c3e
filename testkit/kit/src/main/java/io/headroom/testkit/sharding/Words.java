package io.headroom.testkit.sharding;

import java.util.List;
import java.util.random.RandomGenerator;

/** What sample texts are made of. */
final class Words {

  static final List<String> FIRST_NAMES =
      List.of("mia", "noah", "ada", "li", "olga", "sam", "jose", "amara", "yuki", "ben");

  static final List<String> LAST_NAMES =
      List.of("jones", "schmidt", "garcia", "okafor", "sato", "kim", "ivanova", "lee", "dubois");

  static final List<String> PROVIDERS =
      List.of("example.org", "example.com", "mail.example.net", "example.co.uk");

  static final List<String> ORGANISATIONS = List.of("org.acme", "com.acme", "io.umbrella", "net.x");

  static final List<String> PARTS =
      List.of("billing", "invoice", "core", "web", "internal", "search", "orders", "util", "api");

  /** First and last code point of each script: Latin-1, Greek, Cyrillic, Han, emoji. */
  private static final int[][] SCRIPTS = {
    {0xe0, 0xff}, {0x3b1, 0x3c9}, {0x430, 0x44f}, {0x4e00, 0x9fa5}, {0x1f600, 0x1f64f}, {'a', 'z'}
  };

  private Words() {}

  static String pick(RandomGenerator random, List<String> words) {
    return words.get(random.nextInt(words.size()));
  }

  static String nonAscii(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    for (int left = 1 + random.nextInt(12); left > 0; left--) {
      int[] script = SCRIPTS[random.nextInt(SCRIPTS.length)];
      text.appendCodePoint(random.nextInt(script[0], script[1] + 1));
    }
    return text.toString();
  }
}
