package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.LoadLevels;
import io.headroom.RequestContext;
import io.headroom.guard.ConnectionGuard;
import io.headroom.ratelimit.Decision;
import io.headroom.routing.NoFreshReplicaException;
import io.headroom.spring.cache.HeadroomCache;
import io.headroom.spring.cache.HeadroomCacheManager;
import io.headroom.testkit.servers.PostgresExtension;
import java.time.Duration;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.server.PathContainer;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What a guard says reaches those who can spare its pools something. */
class LevelsTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1);

  /** A guard that says what a test has it say: in shadow mode it says nothing by itself. */
  @Configuration(proxyBeanMethods = false)
  static class Said {

    @Bean
    LoadLevels said() {
      return new LoadLevels();
    }

    @Bean
    ConnectionGuard guard(LoadLevels said) {
      return ConnectionGuard.builder().levels(said).shadow().build();
    }
  }

  @AfterEach
  void resume() {
    postgres.heal();
  }

  @Test
  void underLoadACacheServesWhatIsStale() {
    Applications.plain()
        .withPropertyValues(
            "headroom.guard.enabled=true",
            "headroom.caches.any.ttl=1ms",
            "headroom.caches.any.stale-for=1h",
            "headroom.caches.named.ttl=1ms",
            "headroom.caches.named.stale-for=1h",
            "headroom.caches.named.resource=another")
        .withUserConfiguration(Said.class)
        .withBean("one", HikariDataSource.class, LevelsTest::pool)
        .withBean("another", HikariDataSource.class, LevelsTest::pool)
        .run(
            context -> {
              HeadroomCacheManager manager = context.getBean(HeadroomCacheManager.class);
              HeadroomCache any = Objects.requireNonNull(manager.getCache("any"));
              HeadroomCache named = Objects.requireNonNull(manager.getCache("named"));
              any.get(1L, () -> "old");
              named.get(1L, () -> "old");
              Awaitility.await().pollDelay(Duration.ofMillis(20)).until(() -> true);
              context.getBean(LoadLevels.class).set("another", LoadLevel.HIGH);
              assertThat(named.get(1L, () -> "new")).isEqualTo("old");
              assertThat(any.get(1L, () -> "new")).as("by the other pool").isEqualTo("new");
              Awaitility.await().pollDelay(Duration.ofMillis(20)).until(() -> true);
              context.getBean(LoadLevels.class).set("one", LoadLevel.HIGH);
              assertThat(any.get(1L, () -> "newer")).isEqualTo("new");
            });
  }

  private static HikariDataSource pool() {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(Applications.NOWHERE);
    return pool;
  }

  @Test
  void underLoadWhatCanBeShedPaysDouble() {
    Applications.servlet()
        .withPropertyValues("headroom.guard.enabled=true", "headroom.limits.door.rate=100/h")
        .withUserConfiguration(Said.class)
        .run(
            context -> {
              context.getBean(javax.sql.DataSource.class); // so that it is guarded
              HttpLimits limits = context.getBean(HttpLimits.class);
              assertThat(priceOfSheddable(limits)).isEqualTo(1);
              context.getBean(LoadLevels.class).set("dataSource", LoadLevel.HIGH);
              assertThat(priceOfSheddable(limits)).isEqualTo(2);
            });
  }

  @SuppressWarnings("try") // the scope is opened for its effect
  private static long priceOfSheddable(HttpLimits limits) {
    RequestContext request = RequestContext.builder().criticality(Criticality.SHEDDABLE).build();
    try (RequestContext.Scope scope = request.attach()) {
      Decision decision =
          limits
              .doors()
              .get(0)
              .limiter()
              .tryAcquire(new LimitedRequest(PathContainer.parsePath("/"), "::1", null));
      return decision.price();
    }
  }

  @Test
  @SuppressWarnings("try") // as above
  void underLoadThePrimaryTakesNoReadsForItsReplicas() {
    String end = "&connectTimeout=1&socketTimeout=5";
    String database = postgres.database();
    Applications.bare()
        .withPropertyValues(
            "headroom.guard.enabled=true",
            "headroom.database.primary.url=" + postgres.server(0).jdbcUrl(database) + end,
            "headroom.database.replicas.b.url="
                + postgres.replicasOf(0).get(0).jdbcUrl(database)
                + end)
        .withUserConfiguration(Said.class)
        .run(
            context -> {
              JdbcTemplate jdbc = context.getBean(JdbcTemplate.class);
              TransactionTemplate reads =
                  new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
              reads.setReadOnly(true);
              postgres.replicasOf(0).get(0).pauseReplay();
              try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
                jdbc.execute("CREATE TABLE written (id int)");
                assertThat(reads.<Integer>execute(status -> count(jdbc))).isZero();
                context.getBean(LoadLevels.class).set("database", LoadLevel.HIGH);
                assertThatThrownBy(() -> reads.<Integer>execute(status -> count(jdbc)))
                    .hasRootCauseInstanceOf(NoFreshReplicaException.class);
              }
            });
  }

  private static Integer count(JdbcTemplate jdbc) {
    return jdbc.queryForObject("SELECT count(*) FROM written", Integer.class);
  }
}
