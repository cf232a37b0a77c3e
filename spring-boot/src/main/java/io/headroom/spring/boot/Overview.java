package io.headroom.spring.boot;

import io.headroom.cache.CacheStats;
import io.headroom.guard.PoolStatus;
import io.headroom.ratelimit.Policy;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.routing.NodeView;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.spring.cache.HeadroomCache;
import io.headroom.spring.cache.HeadroomCacheManager;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;

/** What there is and how it fares, as maps that any JSON mapper writes. Thread-safe. */
final class Overview {

  private final ObjectProvider<ReplicaDataSource> replicas;
  private final ObjectProvider<Databases> databases;
  private final ObjectProvider<GuardedPools> guard;
  private final ObjectProvider<HttpLimits> limits;
  private final ObjectProvider<Limiters> limiters;
  private final ObjectProvider<MigrationReport> migrations;
  private final ObjectProvider<DriftCheck> drift;

  /** Of routers and cache managers there may be several, told apart by their beans' names. */
  private final ListableBeanFactory beans;

  Overview(
      ObjectProvider<ReplicaDataSource> replicas,
      ObjectProvider<Databases> databases,
      ObjectProvider<GuardedPools> guard,
      ObjectProvider<HttpLimits> limits,
      ObjectProvider<Limiters> limiters,
      ObjectProvider<MigrationReport> migrations,
      ObjectProvider<DriftCheck> drift,
      ListableBeanFactory beans) {
    this.replicas = replicas;
    this.databases = databases;
    this.guard = guard;
    this.limits = limits;
    this.limiters = limiters;
    this.migrations = migrations;
    this.drift = drift;
    this.beans = beans;
  }

  /** All of it; what is not configured is left out. */
  Map<String, Object> all() {
    Map<String, Object> all = new LinkedHashMap<>();
    Map<String, Object> maps = maps();
    if (maps.size() == 1) {
      all.put("map", maps.values().iterator().next());
    } else if (!maps.isEmpty()) {
      all.put("maps", maps);
    }
    all.putAll(databases());
    migrations.ifAvailable(
        known -> {
          if (!known.view().isEmpty()) {
            all.put("migrations", known.view());
          }
        });
    drift.ifAvailable(
        known -> {
          SchemaDrift found = known.found();
          if (found != null) {
            all.put("drift", found.view());
          }
        });
    guard.ifAvailable(known -> all.put("pools", pools(known)));
    String[] managers = beans.getBeanNamesForType(HeadroomCacheManager.class);
    if (managers.length > 0) {
      all.put("caches", caches(managers));
    }
    Map<String, Object> views = limits();
    if (!views.isEmpty()) {
      all.put("limits", views);
    }
    return all;
  }

  /** Nodes and levels: what health is about. */
  Map<String, Object> databases() {
    Map<String, Object> some = new LinkedHashMap<>();
    Map<String, ReplicaDataSource> clusters = clusters();
    if (!clusters.isEmpty()) {
      Map<String, Object> views = new LinkedHashMap<>();
      clusters.forEach((name, cluster) -> views.put(name, cluster(cluster)));
      some.put("clusters", views);
    }
    guard.ifAvailable(known -> some.put("levels", levels(known)));
    return some;
  }

  /** Whether there is a server left for anything, of those that are watched. */
  boolean isWatchedUsable() {
    return clusters().values().stream()
        .anyMatch(cluster -> cluster.nodes().stream().anyMatch(Overview::serves));
  }

  /** Data sources whose servers nobody watches, by name. */
  Map<String, DataSource> unwatched() {
    Map<String, DataSource> all = new LinkedHashMap<>();
    databases.ifAvailable(
        known ->
            known
                .clusters()
                .forEach(
                    (name, cluster) -> {
                      if (!(cluster instanceof ReplicaDataSource)) {
                        all.put(name, cluster);
                      }
                    }));
    guard.ifAvailable(known -> all.putAll(known.own()));
    return all;
  }

  /** Whether a guard refuses whoever would wait for a connection of that pool for long. */
  boolean isRefusing(String name) {
    return guard.stream().anyMatch(known -> known.isRefusing(name));
  }

  /** Whether a guarded pool's connections come back, though all may be in use. */
  boolean isGivingBack(String name, int connections, Duration within) {
    return guard.stream().anyMatch(known -> known.isGivingBack(name, connections, within));
  }

  private Map<String, ReplicaDataSource> clusters() {
    Map<String, ReplicaDataSource> all = new LinkedHashMap<>();
    databases.ifAvailable(known -> all.putAll(known.replicated()));
    replicas.stream().forEach(cluster -> all.put(cluster.name(), cluster));
    return all;
  }

  private static boolean serves(NodeView node) {
    return node.up() && node.refused().isEmpty();
  }

  private Map<String, Object> maps() {
    Map<String, Object> maps = new LinkedHashMap<>();
    for (String name : beans.getBeanNamesForType(ShardRouter.class)) {
      maps.put(name, map(beans.getBean(name, ShardRouter.class).map()));
    }
    return maps;
  }

  private static Map<String, Object> map(ShardMap map) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("epoch", map.epoch());
    view.put("slots", map.slotCount());
    view.put("fingerprint", map.fingerprint());
    view.put("shards", map.shards().stream().map(shard -> shard.id()).toList());
    return view;
  }

  private static Map<String, Object> cluster(ReplicaDataSource cluster) {
    List<NodeView> nodes = cluster.nodes();
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("writes", nodes.stream().anyMatch(node -> node.primary() && serves(node)));
    view.put("reads", nodes.stream().anyMatch(Overview::serves));
    Map<String, Object> each = new LinkedHashMap<>();
    nodes.forEach(node -> each.put(node.name(), node(node)));
    view.put("nodes", each);
    return view;
  }

  private static Map<String, Object> node(NodeView node) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("primary", node.primary());
    view.put("up", node.up());
    node.refused().ifPresent(why -> view.put("refused", why));
    view.put("ejected", node.ejected());
    node.lag().ifPresent(lag -> view.put("lagMillis", lag.toMillis()));
    view.put("inFlight", node.inFlight());
    view.put("latencyMicros", node.latency().toNanos() / 1_000);
    return view;
  }

  private static Map<String, Object> levels(GuardedPools guard) {
    Map<String, Object> levels = new LinkedHashMap<>();
    guard.names().forEach(name -> levels.put(name, guard.guard().levels().level(name).name()));
    return levels;
  }

  private static Map<String, Object> pools(GuardedPools guard) {
    Map<String, Object> pools = new LinkedHashMap<>();
    for (String name : guard.names()) {
      PoolStatus status = guard.guard().status(name);
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("level", status.level().name());
      view.put("inUse", status.inUse());
      view.put("size", status.size());
      view.put("waiting", status.waiting());
      view.put("oldestWaitMillis", status.oldestWait().toMillis());
      view.put("meanHoldMicros", status.meanHold().toNanos() / 1_000);
      view.put("utilization", status.utilization());
      pools.put(name, view);
    }
    return pools;
  }

  private Map<String, Object> caches(String... managers) {
    Map<String, Object> caches = new LinkedHashMap<>();
    for (String each : managers) {
      HeadroomCacheManager manager = beans.getBean(each, HeadroomCacheManager.class);
      manager.getCacheNames().stream()
          .sorted()
          .forEach(
              name -> {
                HeadroomCache cache = manager.getCache(name);
                if (cache != null) {
                  caches.put(
                      caches.containsKey(name) ? each + "/" + name : name,
                      cache(cache.getNativeCache().stats()));
                }
              });
    }
    return caches;
  }

  private static Map<String, Object> cache(CacheStats stats) {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("entries", stats.entries());
    view.put("loads", stats.loads());
    view.put("loadFailures", stats.loadFailures());
    view.put("evictions", stats.evictions());
    Map<String, Object> served = new LinkedHashMap<>();
    stats.served().forEach((how, count) -> served.put(how.name().toLowerCase(Locale.ROOT), count));
    view.put("served", served);
    return view;
  }

  private Map<String, Object> limits() {
    Map<String, Object> all = new LinkedHashMap<>();
    limits.ifAvailable(known -> known.doors().forEach(door -> addPolicies(door.limiter(), all)));
    limiters.ifAvailable(
        known -> known.inCode().values().forEach(limiter -> addPolicies(limiter, all)));
    return all;
  }

  private static void addPolicies(RateLimiter<?> limiter, Map<String, Object> all) {
    for (Policy policy : limiter.policies()) {
      Duration period = policy.limit().period();
      Map<String, Object> view = new LinkedHashMap<>();
      view.put("permits", policy.limit().permits());
      view.put("periodMillis", period.toMillis());
      view.put("burst", policy.limit().capacity());
      all.put(policy.name(), view);
    }
  }
}
