package io.headroom;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * The golden vectors that the testkit carries, and how they are made from what a server answers.
 */
final class KeyHashVectors {

  static final String RESOURCE = "META-INF/headroom/key-hash-vectors.csv";

  private static final String HEADER =
      """
      # PostgreSQL's extended hashes with seed 0, as PostgreSQL 18 computed them.
      # hash: INTEGER hashint8extended, TEXT hashtextextended (UTF-8), UUID uuid_hash_extended,
      #       BYTES hashbyteaextended; slot: hash & 16383.
      # value: TEXT with \\uXXXX for all but letters, digits and ._@:/- and space; BYTES in hex.
      # Made by KeyHashVectorsTest: mvn test -pl core -am -Dtest=KeyHashVectorsTest \
      -Dheadroom.write-vectors=true
      type,value,hash,slot
      """;

  private static final long SEED = 18;
  private static final int SHORT_LENGTHS = 26;
  private static final int SLOTS = 16_384;

  private KeyHashVectors() {}

  record Vector(KeyType type, Object key, long hash, int slot) {}

  static List<Vector> read() throws IOException {
    try (InputStream in = KeyHashVectors.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#") && !line.startsWith("type,"))
          .map(KeyHashVectors::parse)
          .toList();
    }
  }

  static String write(ServerHash server) throws SQLException {
    StringBuilder csv = new StringBuilder(HEADER);
    for (KeyType type : KeyType.values()) {
      Map<String, Object> byText = new LinkedHashMap<>(); // each key once
      RandomKeys.edges(type).forEach(key -> byText.putIfAbsent(text(key), key));
      for (Object key : new RandomKeys(SEED).of(type, 3 * (RandomKeys.LENGTHS + 2))) {
        if (isShort(key)) {
          byText.putIfAbsent(text(key), key);
        }
      }
      List<Object> keys = List.copyOf(byText.values());
      List<Long> hashes = server.of(type, keys);
      for (int i = 0; i < keys.size(); i++) {
        long hash = hashes.get(i);
        csv.append(type).append(',').append(text(keys.get(i)));
        csv.append(',').append(hash).append(',').append(hash & (SLOTS - 1)).append('\n');
      }
    }
    return csv.toString();
  }

  private static boolean isShort(Object key) {
    return !(key instanceof String text && text.length() > SHORT_LENGTHS)
        && !(key instanceof byte[] bytes && bytes.length > SHORT_LENGTHS);
  }

  private static Vector parse(String line) {
    String[] fields = line.split(",", -1);
    KeyType type = KeyType.valueOf(fields[0]);
    return new Vector(
        type, key(type, fields[1]), Long.parseLong(fields[2]), Integer.parseInt(fields[3]));
  }

  private static Object key(KeyType type, String value) {
    return switch (type) {
      case INTEGER -> Long.valueOf(value);
      case TEXT -> unescape(value);
      case UUID -> UUID.fromString(value);
      case BYTES -> HexFormat.of().parseHex(value);
    };
  }

  private static String text(Object key) {
    return key instanceof byte[] bytes
        ? HexFormat.of().formatHex(bytes)
        : key instanceof String text ? escape(text) : key.toString();
  }

  private static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    text.chars()
        .forEach(
            unit -> {
              boolean plain =
                  unit < 0x80 && (Character.isLetterOrDigit(unit) || "._@:/- ".indexOf(unit) >= 0);
              escaped.append(plain ? Character.toString(unit) : "\\u%04x".formatted(unit));
            });
    return escaped.toString();
  }

  private static String unescape(String text) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        plain.append((char) Integer.parseInt(text, i + 2, i + 6, 16));
        i += 5;
      } else {
        plain.append(text.charAt(i));
      }
    }
    return plain.toString();
  }
}
