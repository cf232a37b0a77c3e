package com.example.market;

import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;

/** The same for stages whose stalls are on both primaries. */
abstract class ShardedStageContract extends StageContract {

  static final List<String> SHARDS = List.of("east", "west");

  @Override
  @BeforeAll
  final void tables() throws SQLException {
    for (int i = 0; i < SHARDS.size(); i++) {
      String shard = SHARDS.get(i);
      Stalls.make(postgres.dataSource(i), stall -> shardOf(stall).equals(shard));
    }
  }

  static String shardOf(long stall) {
    try (ShardRouter<Long> router = ShardRouter.forLongs(ShardMap.of(SHARDS))) {
      return router.shardFor(stall).id();
    }
  }

  /** Of each shard the URLs of its servers, the primary's first. */
  static Map<String, List<String>> urls() {
    Map<String, List<String>> urls = new LinkedHashMap<>();
    for (int i = 0; i < SHARDS.size(); i++) {
      urls.put(SHARDS.get(i), Stalls.urls(postgres, i));
    }
    return urls;
  }
}
