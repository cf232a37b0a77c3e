package io.headroom.spring.boot;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the start's migrations came to, for the endpoint. Thread-safe. */
final class MigrationReport {

  private volatile Map<String, MigratedShard> shards = Map.of();

  void migrated(Map<String, MigratedShard> done) {
    shards = new LinkedHashMap<>(done);
  }

  /** By shard; empty if nothing was migrated. */
  Map<String, Object> view() {
    Map<String, Object> view = new LinkedHashMap<>();
    shards.forEach((shard, migrated) -> view.put(shard, migrated.view()));
    return view;
  }
}
