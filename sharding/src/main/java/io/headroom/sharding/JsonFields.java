package io.headroom.sharding;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The fields of one JSON object, taken out one by one; what is left is kept as unknown. */
final class JsonFields {

  private final String path;
  private final Map<String, @Nullable Object> left;

  private JsonFields(String path, Map<?, ?> fields) {
    this.path = path;
    this.left = new TreeMap<>();
    for (Map.Entry<?, ?> field : fields.entrySet()) {
      left.put((String) field.getKey(), field.getValue());
    }
  }

  static JsonFields of(String path, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return new JsonFields(path, map);
    }
    throw wrong(path, value, "an object");
  }

  String path() {
    return path;
  }

  String text(String name) {
    Object value = left.remove(name);
    if (value instanceof String text) {
      return text;
    }
    throw wrongField(name, value, "a text");
  }

  @Nullable String textOrNull(String name) {
    return left.containsKey(name) ? text(name) : null;
  }

  long integer(String name, long least, long most) {
    Object value = left.remove(name);
    if (value instanceof Long number && number >= least && number <= most) {
      return number;
    }
    throw wrongField(name, value, "an integer from " + least + " to " + most);
  }

  long integerOr(String name, long least, long most, long otherwise) {
    return left.containsKey(name) ? integer(name, least, most) : otherwise;
  }

  double number(String name) {
    Object value = left.remove(name);
    if (value instanceof Long number) {
      return number;
    }
    if (value instanceof BigDecimal number) {
      return number.doubleValue();
    }
    throw wrongField(name, value, "a number");
  }

  List<?> list(String name) {
    Object value = left.remove(name);
    if (value instanceof List<?> list) {
      return list;
    }
    throw wrongField(name, value, "a list");
  }

  List<?> listOrEmpty(String name) {
    return left.containsKey(name) ? list(name) : List.of();
  }

  @Nullable JsonFields objectOrNull(String name) {
    return left.containsKey(name) ? of(path + "." + name, left.remove(name)) : null;
  }

  /** The names that are left. */
  List<String> names() {
    return List.copyOf(left.keySet());
  }

  /** What nobody took. */
  @SuppressWarnings("NullAway") // JSON's null is a value of the map
  Map<String, Object> unknown() {
    return left.isEmpty() ? Map.of() : Collections.unmodifiableMap(left);
  }

  private ShardMapException wrongField(String name, @Nullable Object value, String wanted) {
    return wrong(path + "." + name, value, wanted);
  }

  private static ShardMapException wrong(String path, @Nullable Object value, String wanted) {
    String given = new JsonWriter().value(value).toString();
    String shown = given.length() > 60 ? given.substring(0, 60) + "…" : given;
    return new ShardMapException(
        "in the shard map "
            + path
            + " is "
            + (value == null ? "missing" : shown)
            + ": give "
            + wanted);
  }
}
