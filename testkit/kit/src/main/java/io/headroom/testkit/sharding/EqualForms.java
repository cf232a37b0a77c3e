package io.headroom.testkit.sharding;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Other Java objects that mean the same key as one given. */
final class EqualForms {

  private EqualForms() {}

  static List<Object> of(Object key) {
    List<Object> forms = new ArrayList<>();
    if (key instanceof Long || key instanceof Integer || key instanceof Short) {
      long value = ((Number) key).longValue();
      forms.add(value);
      if (value == (int) value) {
        forms.add((int) value);
      }
      if (value == (short) value) {
        forms.add((short) value);
      }
      if (value == (byte) value) {
        forms.add((byte) value);
      }
    } else if (key instanceof String text) {
      forms.add(String.valueOf(text.toCharArray()));
    } else if (key instanceof UUID uuid) {
      forms.add(new UUID(uuid.getMostSignificantBits(), uuid.getLeastSignificantBits()));
    }
    return forms;
  }
}
