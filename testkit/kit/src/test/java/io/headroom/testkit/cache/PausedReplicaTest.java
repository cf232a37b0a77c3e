package io.headroom.testkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.RequestContext;
import io.headroom.cache.CacheCodec;
import io.headroom.cache.CacheKeys;
import io.headroom.cache.CacheLoader;
import io.headroom.cache.RedisTier;
import io.headroom.cache.SharedStats;
import io.headroom.cache.SharedTier;
import io.headroom.cache.TieredCache;
import io.headroom.routing.ReplicaDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two processes, a Redis, a primary and a replica that has stopped to replay: after an invalidation
 * the old value comes back from the replica, unless the invalidation says what was written, and
 * loads go to a copy that has it.
 */
@SuppressWarnings("try") // scopes are opened for their effect
class PausedReplicaTest {

  private static final String OWNER = "ada";

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1);

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static int names;

  private final String name = "carts-" + names++;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  @BeforeEach
  void createTable() throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS carts");
      statement.execute("CREATE TABLE carts (owner text PRIMARY KEY, version bigint NOT NULL)");
      statement.execute("INSERT INTO carts VALUES ('" + OWNER + "', 1)");
    }
    replica().awaitReplayOf(postgres.server(0));
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    postgres.heal();
  }

  private static PostgresServer replica() {
    return postgres.replicasOf(0).get(0);
  }

  private ReplicaDataSource routed() {
    ReplicaDataSource carts =
        ReplicaDataSource.builder("carts")
            .primary("a", postgres.dataSource(0))
            .replica("b", replica().dataSource(postgres.database()))
            .primarySpill(10_000)
            .build();
    open.addFirst(carts);
    return carts;
  }

  /** A process's cache. */
  private TieredCache<String, String> cache(CacheLoader<String, String> loader) {
    return cache(loader, Duration.ofMinutes(1));
  }

  private TieredCache<String, String> cache(CacheLoader<String, String> loader, Duration ttl) {
    RedisTier tier = RedisTier.builder(redis.get().uri()).timeout(Duration.ofSeconds(5)).build();
    open.addFirst(tier);
    TieredCache<String, String> cache =
        TieredCache.builder(name, loader)
            .ttl(ttl)
            .tags((owner, version) -> List.of("carts"))
            .shared(SharedTier.on(tier, CacheKeys.strings(), CacheCodec.strings()).ttl(ttl).build())
            .build();
    open.addFirst(cache);
    return cache;
  }

  /** Reads as an application does that lets replicas serve what they can. */
  private static CacheLoader<String, String> reading(DataSource carts) {
    return owner -> {
      try (Connection connection = carts.getConnection()) {
        connection.setReadOnly(true);
        return version(connection, owner);
      }
    };
  }

  private static String version(Connection connection, String owner) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT version FROM carts WHERE owner = ?")) {
      select.setString(1, owner);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  /** A request that writes in a transaction, and invalidates in it. */
  private static void write(DataSource carts, TieredCache<String, String> cache, String version)
      throws SQLException {
    write(carts, version, () -> cache.invalidate(OWNER));
  }

  private static void write(DataSource carts, String version, Runnable invalidation)
      throws SQLException {
    try (RequestContext.Scope request = RequestContext.builder().build().attach();
        Connection connection = carts.getConnection()) {
      connection.setAutoCommit(false);
      try (Statement update = connection.createStatement()) {
        update.executeUpdate("UPDATE carts SET version = " + version);
      }
      invalidation.run();
      connection.commit();
    }
  }

  private static String onReplica() throws SQLException {
    try (Connection connection = replica().dataSource(postgres.database()).getConnection()) {
      return version(connection, OWNER);
    }
  }

  @Test
  void theOldValueNeverComesBackWhereLoadsAreRouted() throws Exception {
    ReplicaDataSource here = routed();
    ReplicaDataSource there = routed();
    Duration instant = Duration.ofMillis(1);
    TieredCache<String, String> writing = cache(reading(here), instant);
    TieredCache<String, String> other = cache(reading(there), instant);
    assertThat(other.get(OWNER)).isEqualTo("1");
    replica().pauseReplay();

    for (int round = 2; round < 12; round++) {
      String version = String.valueOf(round);
      write(here, writing, version);

      assertThat(writing.get(OWNER)).as("in the process that wrote").isEqualTo(version);
      await().until(() -> version.equals(other.get(OWNER)));
      for (int i = 0; i < 20; i++) {
        // nothing lasts there: each of these is a load, by a request without a token of its own
        assertThat(other.get(OWNER)).as("loaded anew by the other process").isEqualTo(version);
      }
    }
    assertThat(onReplica()).as("the replica has none of it").isEqualTo("1");
  }

  @Test
  void norWhereATagIsInvalidated() throws Exception {
    ReplicaDataSource here = routed();
    TieredCache<String, String> writing = cache(reading(here));
    TieredCache<String, String> other = cache(reading(routed()));
    assertThat(other.get(OWNER)).isEqualTo("1");
    replica().pauseReplay();

    write(here, "2", () -> writing.invalidateTag("carts"));

    await().until(() -> other.getIfPresent(OWNER) == null);
    assertThat(other.get(OWNER)).isEqualTo("2");
    write(here, "3", writing::invalidateAll);
    await().until(() -> other.getIfPresent(OWNER) == null);
    assertThat(other.get(OWNER)).isEqualTo("3");
    assertThat(onReplica()).as("the replica has none of it").isEqualTo("1");
  }

  @Test
  void itComesBackWhereTheyReadTheReplicaRegardless() throws Exception {
    DataSource primary = routed();
    CacheLoader<String, String> regardless = reading(replica().dataSource(postgres.database()));
    TieredCache<String, String> writing = cache(regardless);
    TieredCache<String, String> other = cache(regardless);
    assertThat(other.get(OWNER)).isEqualTo("1");
    replica().pauseReplay();

    write(primary, writing, "2");

    await().until(() -> other.getIfPresent(OWNER) == null);
    assertThat(other.get(OWNER)).as("yesterday's value, filled with a valid lease").isEqualTo("1");
    assertThat(writing.get(OWNER)).as("here too").isEqualTo("1");
  }

  /** Until the commit others see the old value, and Redis keeps nothing of what they load. */
  @Test
  void whatIsReadWhileATransactionIsOpenIsNotShared() throws Exception {
    ReplicaDataSource here = routed();
    TieredCache<String, String> writing = cache(reading(here));
    TieredCache<String, String> other = cache(reading(routed()));
    try (RequestContext.Scope request = RequestContext.builder().build().attach();
        Connection connection = here.getConnection()) {
      connection.setAutoCommit(false);
      try (Statement update = connection.createStatement()) {
        update.executeUpdate("UPDATE carts SET version = 2");
      }
      writing.invalidate(OWNER);
      assertThat(inAnotherRequest(other)).as("not committed").isEqualTo("1");
      SharedStats shared = Objects.requireNonNull(other.stats().shared());
      assertThat(shared.count(SharedStats.Count.FILLS_KEPT)).isZero();
      assertThat(shared.count(SharedStats.Count.LOADED_UNSHARED)).isOne();
      connection.commit();
      connection.setAutoCommit(true);
      assertThat(writing.get(OWNER)).isEqualTo("2");
    }
    await().until(() -> "2".equals(other.get(OWNER)));
  }

  private static String inAnotherRequest(TieredCache<String, String> cache) {
    try (RequestContext.Scope request = RequestContext.builder().build().attach()) {
      return cache.get(OWNER);
    }
  }
}
