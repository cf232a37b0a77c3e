package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.PostgresExtension;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.sql.SQLException;
import java.util.stream.LongStream;
import org.hibernate.SessionFactory;
import org.hibernate.boot.MetadataSources;
import org.hibernate.boot.registry.StandardServiceRegistryBuilder;
import org.hibernate.cfg.AvailableSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jdbc.core.JdbcTemplate;

/** One SessionFactory over two shards: it starts without a key, and a scope names the shard. */
class HibernateTest {

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  private static ShardPoolFleet fleet;
  private static ShardedDataSource sharded;
  private static SessionFactory sessions;
  private static long onS0;
  private static long onS1;

  /** A row of a user's. */
  @Entity(name = "Note")
  static class Note {
    @Id private long userId;
    private String text;

    Note() {}

    Note(long userId, String text) {
      this.userId = userId;
      this.text = text;
    }
  }

  @BeforeAll
  static void start() throws SQLException {
    fleet = ShardPoolFleet.over(postgres, 2);
    fleet.onAll("CREATE TABLE note (userid bigint PRIMARY KEY, text text)");
    ShardRouter<Long> router = ShardRouter.forLongs(fleet.map());
    onS0 = firstKeyOf(router, "s0");
    onS1 = firstKeyOf(router, "s1");
    sharded =
        ShardedDataSource.builder(router).dataSources(fleet.pools()).metadataShard("s0").build();
    sessions =
        new MetadataSources(
                new StandardServiceRegistryBuilder()
                    .applySetting(AvailableSettings.JAKARTA_NON_JTA_DATASOURCE, sharded)
                    .build())
            .addAnnotatedClass(Note.class)
            .buildMetadata()
            .buildSessionFactory();
  }

  private static long firstKeyOf(ShardRouter<Long> router, String shard) {
    return LongStream.range(0, 1000)
        .filter(key -> router.shardFor(key).id().equals(shard))
        .findFirst()
        .orElseThrow();
  }

  @AfterAll
  static void stop() {
    sessions.close();
    sharded.close();
    fleet.close();
  }

  @AfterEach
  void nothingLeaks() throws SQLException {
    fleet.assertNothingLeaked();
    fleet.onAll("DELETE FROM note");
  }

  private static long rowsOn(String shard) {
    Long count =
        new JdbcTemplate(sharded.forShard(shard))
            .queryForObject("SELECT count(*) FROM note", Long.class);
    return count == null ? 0 : count;
  }

  private static void persist(long user, String text) {
    sessions.inTransaction(session -> session.persist(new Note(user, text)));
  }

  private static String textOf(long user) {
    return sessions.fromTransaction(session -> session.find(Note.class, user).text);
  }

  @Test
  void aScopeAroundATransactionNamesItsShard() {
    for (long user : new long[] {onS0, onS1}) {
      sharded.call(
          user,
          () -> {
            persist(user, "of " + user);
            return true;
          });
    }
    assertThat(rowsOn("s0")).isEqualTo(1);
    assertThat(rowsOn("s1")).isEqualTo(1);
    for (long user : new long[] {onS0, onS1}) {
      assertThat(sharded.call(user, () -> textOf(user))).isEqualTo("of " + user);
    }
  }

  @Test
  void aTransactionMayBeginBeforeItsScope() {
    sessions.inTransaction(
        session ->
            sharded.call(
                onS1,
                () -> {
                  session.persist(new Note(onS1, "late"));
                  session.flush();
                  return true;
                }));
    assertThat(rowsOn("s0")).isZero();
    assertThat(rowsOn("s1")).isEqualTo(1);
  }

  @Test
  void aWriteWithoutAScopeIsRefused() {
    assertThatThrownBy(() -> persist(onS1, "nowhere"))
        .rootCause()
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("25006"));
    assertThat(rowsOn("s0")).isZero();
    assertThat(rowsOn("s1")).isZero();
  }
}
