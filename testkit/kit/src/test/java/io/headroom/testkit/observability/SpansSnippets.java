package io.headroom.testkit.observability;

import io.headroom.MicrometerSpans;
import io.headroom.Spans;
import io.headroom.cache.CacheLoader;
import io.headroom.cache.TieredCache;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardStrategy;
import io.micrometer.observation.ObservationRegistry;
import javax.sql.DataSource;

/** What the documentation shows of spans, compiled. */
@SuppressWarnings("unused") // nothing here is called
abstract class SpansSnippets {

  interface Profile {}

  interface Repository {
    Profile find(Long id);
  }

  void all(
      ObservationRegistry observationRegistry,
      Repository repository,
      ShardMap map,
      DataSource a,
      DataSource b) {
    // snippet: spans
    Spans spans = MicrometerSpans.of(observationRegistry);
    TieredCache<Long, Profile> profiles =
        TieredCache.<Long, Profile>builder("profiles", repository::find).spans(spans).build();
    ShardRouter<Long> users =
        ShardRouter.builder(ShardStrategy.hashedLongs()).map(map).spans(spans).build();
    ReplicaDataSource orders =
        ReplicaDataSource.builder("orders").primary("a", a).replica("b", b).spans(spans).build();
    // end snippet
  }

  void cache(CacheLoader<Long, Profile> loader, ObservationRegistry observationRegistry) {
    TieredCache<Long, Profile> profiles =
        // snippet: cache-spans
        TieredCache.builder("profile", loader)
            .spans(MicrometerSpans.of(observationRegistry)) // headroom.cache.load
            .build();
    // end snippet
  }

  void sharding(ShardMap map, ObservationRegistry observationRegistry) {
    ShardRouter<Long> router =
        // snippet: sharding-spans
        ShardRouter.builder(ShardStrategy.hashedLongs())
            .map(map)
            .spans(MicrometerSpans.of(observationRegistry)) // headroom.sharding.scatter
            .build();
    // end snippet
  }

  void routing(DataSource a, DataSource b, ObservationRegistry observationRegistry) {
    ReplicaDataSource orders =
        // snippet: routing-spans
        ReplicaDataSource.builder("orders")
            .primary("a", a)
            .replica("b", b)
            .spans(MicrometerSpans.of(observationRegistry)) // headroom.routing.failover
            .build();
    // end snippet
  }
}
