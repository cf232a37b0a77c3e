package io.headroom.sharding;

import java.util.Set;

/** The JSON form of a map. */
final class ShardMapJson {

  static final Set<String> SLOT_FIELDS = Set.of("slots", "state", "target", "version");

  private ShardMapJson() {}

  static String fingerprint(ShardMap map) {
    return Integer.toHexString(map.hashCode());
  }

  static String write(ShardMap map) {
    return map.toString();
  }

  static ShardMap parse(String json) {
    if (!json.isEmpty()) {
      throw new ShardMapException("not yet: " + json);
    }
    return ShardMap.of(json);
  }
}
