package io.headroom.spring.boot;

import io.headroom.cache.CacheKeys;
import java.util.UUID;

/** Keys as Spring makes them of one argument, with the letter of their type before them. */
final class SpringKeys implements CacheKeys<Object> {

  @Override
  public String text(Object key) {
    if (key instanceof String text) {
      return "s" + text;
    } else if (key instanceof Long number) {
      return "l" + number;
    } else if (key instanceof Integer number) {
      return "i" + number;
    } else if (key instanceof UUID id) {
      return "u" + id;
    }
    throw new IllegalArgumentException(
        "the key of a shared cache must be a String, Long, Integer or UUID, was a "
            + key.getClass().getName()
            + ": give @Cacheable a key of one of them, as in key = \"#id\"");
  }

  @Override
  public Object key(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("a key begins with the letter of its type, was empty");
    }
    String rest = text.substring(1);
    return switch (text.charAt(0)) {
      case 's' -> rest;
      case 'l' -> Long.valueOf(rest);
      case 'i' -> Integer.valueOf(rest);
      case 'u' -> UUID.fromString(rest);
      default -> throw new IllegalArgumentException("no key has this text: " + text);
    };
  }
}
