package io.headroom.testkit.sharding;

import io.headroom.KeyHash;
import io.headroom.KeyType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * One line of the file that pins {@link KeyHash}.
 *
 * @param type the type of the key
 * @param value the key: a Long, String, UUID or byte array
 * @param hash its hash, as PostgreSQL computed it
 */
record GoldenVector(KeyType type, Object value, long hash) {

  private static final String RESOURCE = "META-INF/headroom/key-hash-vectors.csv";
  private static final Pattern ESCAPE = Pattern.compile("\\\\u([0-9a-fA-F]{4})");

  /** All vectors of a type. */
  static List<GoldenVector> of(KeyType type) {
    return read().stream().filter(vector -> vector.type == type).toList();
  }

  private static List<GoldenVector> read() {
    try (InputStream in = GoldenVector.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(
            RESOURCE + " is not on the class path: it comes in the jar of headroom-testkit");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.startsWith("type,"))
          .map(GoldenVector::parse)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE + " can't be read", e);
    }
  }

  private static GoldenVector parse(String line) {
    List<String> fields = List.of(line.split(",", -1));
    KeyType type = KeyType.valueOf(fields.get(0));
    return new GoldenVector(type, value(type, fields.get(1)), Long.parseLong(fields.get(2)));
  }

  private static Object value(KeyType type, String text) {
    return switch (type) {
      case INTEGER -> Long.valueOf(text);
      case TEXT -> ESCAPE.matcher(text).replaceAll(GoldenVector::unescaped);
      case UUID -> UUID.fromString(text);
      case BYTES -> HexFormat.of().parseHex(text);
    };
  }

  private static String unescaped(MatchResult escape) {
    String unit = String.valueOf((char) Integer.parseInt(escape.group(1), 16));
    return java.util.regex.Matcher.quoteReplacement(unit);
  }
}
