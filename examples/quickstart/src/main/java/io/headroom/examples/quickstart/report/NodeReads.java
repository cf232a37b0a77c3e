package io.headroom.examples.quickstart.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one server was given to do.
 *
 * @param node its name
 * @param shard the shard that it holds a copy of
 * @param byReason how often, by the name of an {@code io.headroom.routing.RouteReason}
 */
public record NodeReads(String node, String shard, Map<String, Long> byReason) {

  public NodeReads {
    byReason = Collections.unmodifiableMap(new LinkedHashMap<>(byReason));
  }

  long total() {
    return byReason.values().stream().mapToLong(Long::longValue).sum();
  }
}
