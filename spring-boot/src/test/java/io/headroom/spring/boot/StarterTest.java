package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.LoadSignal;
import io.headroom.RequestContext;
import io.headroom.guard.ConnectionGuard;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.http.ClientAddress;
import io.headroom.spring.cache.HeadroomCacheManager;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.cache.CacheManager;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;
import org.springframework.cache.support.NullValue;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.TaskDecorator;

/** What each block turns on, and that it can be replaced. */
@ExtendWith(OutputCaptureExtension.class)
class StarterTest {

  private static final String GUARD = "headroom.guard.enabled=true";

  @Test
  void withoutAPropertyNothingChanges() {
    Applications.servlet()
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBeanDefinitionNames())
                  .filteredOn(name -> name.startsWith("headroom") && !name.startsWith("headroom-"))
                  .isEmpty();
              assertThat(context).doesNotHaveBean(TaskDecorator.class);
              assertThat(context).doesNotHaveBean(ConnectionGuard.class);
            });
  }

  /** As containers are configured. */
  @Test
  void theEnvironmentCountsAsAFileDoes() {
    Applications.bare()
        .withInitializer(
            context ->
                context
                    .getEnvironment()
                    .getPropertySources()
                    .addFirst(
                        new SystemEnvironmentPropertySource(
                            "test-systemEnvironment",
                            Map.of(
                                "HEADROOM_DATABASE_PRIMARY_URL", Applications.NOWHERE,
                                "HEADROOM_DATABASE_POOL_MAXIMUMSIZE", "4",
                                "HEADROOM_GUARD_ENABLED", "true"))))
        .run(
            context -> {
              assertThat(context).hasSingleBean(Databases.class);
              assertThat(context.getBean(GuardedPools.class).guard().status("database").size())
                  .isEqualTo(4);
            });
  }

  @Test
  void filtersStandInTheOrderThatIsSaid() {
    Applications.servlet()
        .withPropertyValues(GUARD, "headroom.limits.door.rate=100/s", "headroom.request.order=-50")
        .run(
            context -> {
              assertThat(order(context.getBean("headroomContextFilter"))).isEqualTo(-50);
              assertThat(order(context.getBean("headroomLimitFilter"))).isEqualTo(-40);
              assertThat(order(context.getBean("headroomAdmissionFilter"))).isEqualTo(-30);
            });
  }

  private static int order(Object filter) {
    return ((FilterRegistrationBean<?>) filter).getOrder();
  }

  /** Nothing is needed that an application may do without. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "jakarta.servlet,org.springframework.web,org.springframework.http",
        "io.micrometer",
        "com.fasterxml.jackson,tools.jackson",
        "org.springframework.transaction,org.springframework.jdbc",
        "org.flywaydb"
      })
  void whatIsAbsentIsNotNeeded(String packages) {
    Applications.plain()
        .withClassLoader(new FilteredClassLoader(packages.split(",")))
        .withPropertyValues(GUARD, "headroom.caches.titles.ttl=1m", "headroom.request.timeout=1s")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context).hasSingleBean(ConnectionGuard.class);
              assertThat(context).hasSingleBean(HeadroomCacheManager.class);
              assertThat(context).hasSingleBean(TaskDecorator.class);
            });
  }

  /** Without Spring Boot's own, which would not start with half of Actuator. */
  @Test
  void actuatorIsNotNeeded() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                HeadroomAutoConfiguration.class,
                HeadroomGuardAutoConfiguration.class,
                HeadroomActuatorAutoConfiguration.class,
                HeadroomMetricsAutoConfiguration.class))
        .withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
        .withPropertyValues(GUARD)
        .run(
            context -> {
              assertThat(context).hasSingleBean(ConnectionGuard.class);
              assertThat(context).doesNotHaveBean(Overview.class);
            });
  }

  @Test
  void everyOptionOfTheGuardCanBeSet() {
    Applications.plain()
        .withPropertyValues(
            GUARD,
            "headroom.guard.target-delay=10ms",
            "headroom.guard.maximum-wait=150ms",
            "headroom.guard.maximum-waiters=20",
            "headroom.guard.elevated-at=0.9",
            "headroom.guard.calm-below=0.6",
            "headroom.guard.stuck-after=300ms",
            "headroom.guard.reserve-for-critical=1",
            "headroom.guard.adaptive=true",
            "headroom.guard.report-held-for=10s",
            "headroom.guard.note-where-taken=true",
            "headroom.guard.budget.connections=8",
            "headroom.guard.budget.processes=3")
        .run(
            context -> {
              context.getBean(DataSource.class);
              ConnectionGuard guard = context.getBean(ConnectionGuard.class);
              assertThat(guard.status("dataSource").size()).isLessThanOrEqualTo(8);
              assertThat(context.getBean(LoadSignal.class)).isSameAs(guard.levels());
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"off", "no", "false", "0"})
  void aGuardThatIsOffIsNotThere(String off) {
    Applications.servlet()
        .withPropertyValues("headroom.guard.enabled=" + off)
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context).doesNotHaveBean(ConnectionGuard.class);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "yes", "true", "1"})
  void aGuardThatIsOnIsThere(String on) {
    Applications.servlet()
        .withPropertyValues("headroom.guard.enabled=" + on, "headroom.guard.http.enabled=" + on)
        .run(
            context -> {
              assertThat(context).hasSingleBean(ConnectionGuard.class);
              assertThat(context).hasBean("headroomAdmissionFilter");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "off"})
  void theDoorCanBeLeftOut(String off) {
    Applications.servlet()
        .withPropertyValues(GUARD, "headroom.guard.http.enabled=" + off)
        .run(context -> assertThat(context).doesNotHaveBean("headroomAdmissionFilter"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "headroom.limits.door.burst=5 | headroom.limits.door.rate | is missing",
        "headroom.limits.door.rate=fast | headroom.limits.door.rate | is no rate",
        "headroom.limits.door.rate=0/s | headroom.limits.door.rate | 1 or more",
        "headroom.request.critical=/{ | headroom.request.critical | is no path pattern",
        "headroom.request.timeout=-1s | headroom.request.timeout | timeout",
        "headroom.request.token.key=short | headroom.request.token.key | 16",
        "headroom.request.token.accepted-keys.2=0123456789abcdef | headroom.request.token.key |"
            + " is missing",
        "headroom.request.token.cookie=has seen | headroom.request.token.cookie | has seen",
        "headroom.request.token.cookie= | headroom.request.token.cookie | no name of a cookie",
        "headroom.request.token.header=X Seen | headroom.request.token.header | X Seen",
        "headroom.request.trusted-proxies=nobody | headroom.request.trusted-proxies | nobody"
      })
  void whatIsWrongStopsTheStart(String wrong, String property, String why) {
    Applications.servlet()
        .withPropertyValues(wrong)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining(property)
                    .hasStackTraceContaining(why));
  }

  @Test
  void aLimitInRedisNeedsARedis() {
    Applications.servlet()
        .withPropertyValues("headroom.limits.door.rate=1/s", "headroom.limits.door.shared=true")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("headroom.limits.door.shared")
                    .hasStackTraceContaining("no Redis"));
  }

  @ParameterizedTest
  @CsvSource({"100/s,100,1", "1000/m,1000,60", "5000/10m,5000,600", "3 / h,3,3600", "7/d,7,86400"})
  void ratesReadAsPeopleWriteThem(String rate, long permits, long seconds) {
    Limit limit = Rates.limit("x", rate, null);
    assertThat(limit.permits()).isEqualTo(permits);
    assertThat(limit.period()).isEqualTo(Duration.ofSeconds(seconds));
    assertThat(Rates.limit("x", rate, 2L).capacity()).isEqualTo(2);
  }

  /** Beans in the place of ours. */
  @Configuration(proxyBeanMethods = false)
  static class Own {

    @Bean
    ConnectionGuard ownGuard() {
      return ConnectionGuard.builder().maximumWait(Duration.ofMillis(77)).build();
    }

    @Bean
    CacheManager ownCaches() {
      return new ConcurrentMapCacheManager("titles");
    }

    @Bean
    TaskDecorator ownDecorator() {
      return task -> task;
    }

    @Bean
    ClientAddress ownAddress() {
      return ClientAddress.forwarded("10.0.0.1");
    }

    @Bean
    RequestUser ownUser() {
      return request -> request.getHeader("X-Tenant");
    }
  }

  @Test
  void cachesThatNobodyUsesAreSaid(CapturedOutput output) {
    Applications.plain()
        .withPropertyValues("headroom.caches.titles.ttl=1m")
        .withUserConfiguration(Own.class)
        .run(
            context ->
                assertThat(output)
                    .contains("headroom.caches are not used, [titles]", "own: [ownCaches]"));
  }

  @Test
  void everythingCanBeReplaced() {
    Applications.servlet()
        .withPropertyValues(GUARD, "headroom.caches.titles.ttl=1m", "headroom.limits.l.rate=1/s")
        .withUserConfiguration(Own.class)
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context).getBeanNames(ConnectionGuard.class).containsExactly("ownGuard");
              assertThat(context).getBeanNames(CacheManager.class).containsExactly("ownCaches");
              assertThat(context).getBeanNames(TaskDecorator.class).containsExactly("ownDecorator");
              assertThat(context).getBeanNames(ClientAddress.class).containsExactly("ownAddress");
              assertThat(context).getBeanNames(RequestUser.class).containsExactly("ownUser");
              assertThat(context.getBean(GuardedPools.class).guard())
                  .isSameAs(context.getBean("ownGuard"));
              context.getBean(DataSource.class);
            });
  }

  @Test
  void tasksOfSpringsExecutorCarryTheContext() {
    Applications.plain()
        .withPropertyValues("headroom.request.timeout=2s")
        .run(
            context -> {
              AsyncTaskExecutor executor =
                  context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
              RequestContext request =
                  RequestContext.builder().criticality(Criticality.CRITICAL).build();
              CompletableFuture<Criticality> seen;
              try (var scope = request.attach()) {
                assertThat(scope).isNotNull();
                seen =
                    CompletableFuture.supplyAsync(
                        () -> RequestContext.current().criticality(), executor);
              }
              assertThat(seen.join()).isEqualTo(Criticality.CRITICAL);
              assertThat(
                      CompletableFuture.supplyAsync(
                              () -> RequestContext.attached().isPresent(), executor)
                          .join())
                  .isFalse();
            });
  }

  @Test
  void cachesStandBehindSpringsAnnotations() {
    Applications.plain()
        .withPropertyValues(
            "headroom.caches.titles.ttl=1m",
            "headroom.caches.titles.maximum-entries=5",
            "headroom.caches.titles.ttl-jitter=0.2",
            "headroom.caches.names.stale-for=1m",
            "headroom.caches.names.soft-timeout=100ms",
            "headroom.caches.names.hard-timeout=1s",
            GUARD)
        .run(
            context -> {
              HeadroomCacheManager manager = context.getBean(HeadroomCacheManager.class);
              assertThat(manager.getCacheNames()).containsExactlyInAnyOrder("titles", "names");
              assertThat(manager.getCache("titles").get(1L, () -> "one")).isEqualTo("one");
              assertThat(manager.getCache("names").get(1L, () -> "two")).isEqualTo("two");
              assertThat(manager.getCache("nobody's")).isNull();
            });
  }

  @Test
  void theLeastLoadedPoolCounts() {
    Applications.plain()
        .withPropertyValues(GUARD)
        .run(
            context -> {
              GuardedPools pools = context.getBean(GuardedPools.class);
              assertThat(pools.ofAll()).isEqualTo(LoadLevel.NORMAL);
              assertThat(pools.ofReads()).isEqualTo(LoadLevel.NORMAL);
            });
  }

  @Test
  void keysOfSharedCachesKeepTheirTypes() {
    SpringKeys keys = new SpringKeys();
    for (Object key : new Object[] {"a:b", 5L, 5, new UUID(3, 4), ""}) {
      assertThat(keys.key(keys.text(key))).isEqualTo(key);
    }
    assertThat(keys.text(5L)).isNotEqualTo(keys.text(5));
    assertThatThrownBy(() -> keys.text(2.5)).hasMessageContaining("java.lang.Double");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x5"})
  void aTextThatIsNoKeyIsRefused(String text) {
    assertThatThrownBy(() -> new SpringKeys().key(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNullIsAValueOfASharedCache() throws Exception {
    var codec = SpringValues.of(io.headroom.cache.CacheCodec.strings(), String.class);
    assertThat(codec.decode(codec.encode(NullValue.INSTANCE))).isSameAs(NullValue.INSTANCE);
    assertThat(codec.decode(codec.encode("text"))).isEqualTo("text");
    assertThatThrownBy(() -> codec.encode(5)).isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> codec.decode(new byte[] {7})).hasMessageContaining("neither");
    assertThatThrownBy(() -> codec.decode(new byte[0])).hasMessageContaining("neither");
  }
}
