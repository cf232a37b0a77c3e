package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Limits that code asks, and what shared ones do without Redis. */
@ExtendWith(OutputCaptureExtension.class)
class CodeLimitsTest {

  @RegisterExtension
  static final RedisExtension<RedisServer> redis = RedisExtension.single().exclusive();

  @AfterEach
  void heal() {
    redis.get().heal();
  }

  /** Whoever asks. */
  record Exports(RateLimiter<String> perUser, RateLimiter<Long> inAll) {}

  /** An application that asks two of them, and has a limiter of its own. */
  @Configuration(proxyBeanMethods = false)
  static class Asking {

    @Bean
    RateLimiter<Integer> own() {
      return RateLimiter.<Integer>builder("own")
          .limit(io.headroom.ratelimit.Limit.perSecond(1))
          .build();
    }

    // snippet: limit-in-code
    @Bean
    Exports exports(
        @Qualifier("exports") RateLimiter<String> perUser,
        @Qualifier("all-exports") RateLimiter<Long> inAll) {
      return new Exports(perUser, inAll);
    }
    // end snippet
  }

  private static final String[] LIMITS = {
    "headroom.limits.exports.rate=2/h",
    "headroom.limits.exports.http=false",
    "headroom.limits.all-exports.rate=3/h",
    "headroom.limits.all-exports.http=false",
    "headroom.limits.all-exports.by=all"
  };

  @Test
  void eachIsABeanByItsName(CapturedOutput output) {
    Applications.plain()
        .withPropertyValues(LIMITS)
        .withUserConfiguration(Asking.class)
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              Exports exports = context.getBean(Exports.class);
              assertThat(exports.perUser().tryAcquire("a", 2).allowed()).isTrue();
              assertThat(exports.perUser().tryAcquire("a").allowed()).isFalse();
              assertThat(exports.perUser().tryAcquire("b").allowed()).isTrue();
              assertThat(exports.inAll().tryAcquire(1L, 3).allowed()).isTrue();
              Decision refused = exports.inAll().tryAcquire(2L);
              assertThat(refused.allowed()).isFalse();
              assertThat(refused.toString()).contains("all-exports");
              assertThat(context.getBean(Overview.class).all().get("limits"))
                  .asInstanceOf(InstanceOfAssertFactories.MAP)
                  .containsOnlyKeys("exports", "all-exports");
              assertThat(context.getBean(MeterRegistry.class).getMeters())
                  .anyMatch(meter -> "all-exports".equals(meter.getId().getTag("policy")));
            });
    assertThat(output).doesNotContain("are not asked");
  }

  @Test
  void requestsDoNotCountThem() {
    Applications.servlet()
        .withPropertyValues(LIMITS)
        .run(
            context -> {
              assertThat(context.getBean(HttpLimits.class).doors()).isEmpty();
              assertThat(context).hasBean("headroomLimitFilter");
            });
    Applications.servlet()
        .withPropertyValues(LIMITS)
        .withPropertyValues("headroom.limits.door.rate=1/s")
        .run(
            context ->
                assertThat(context.getBean(HttpLimits.class).doors())
                    .singleElement()
                    .satisfies(door -> assertThat(door.limiter().policies()).hasSize(1)));
  }

  private static ApplicationContextRunner process(String... more) {
    return Applications.plain()
        .withUserConfiguration(Asking.class)
        .withPropertyValues(LIMITS)
        .withPropertyValues(
            "headroom.name=bookshop",
            "headroom.redis.uri=" + redis.get().uri(),
            "headroom.redis.limit-timeout=1s",
            "headroom.limits.exports.shared=true")
        .withPropertyValues(more);
  }

  @ParameterizedTest
  @ValueSource(strings = {"false", "true"})
  void processesShareThem(String leased) {
    String[] more = {"headroom.limits.exports.leased=" + leased};
    String user = "leased " + leased;
    process(more)
        .run(
            one ->
                process(more)
                    .run(
                        other -> {
                          RateLimiter<String> here = one.getBean(Exports.class).perUser();
                          RateLimiter<String> there = other.getBean(Exports.class).perUser();
                          int admitted = 0;
                          for (int i = 0; i < 10; i++) {
                            admitted += here.tryAcquire(user).allowed() ? 1 : 0;
                            admitted += there.tryAcquire(user).allowed() ? 1 : 0;
                          }
                          // a permit more for each process that takes some ahead
                          assertThat(admitted).isBetween(2, leased.equals("true") ? 4 : 2);
                          String keys = redis.get().command("KEYS", "*exports*").toString();
                          assertThat(keys).contains("bookshop.exports:exports:");
                        }));
  }

  @ParameterizedTest
  @CsvSource({"closed, 0", "open, 100", "fair-share, 1"})
  void withoutRedisTheyDecideAsIsSaid(String way, int admitted) {
    process(
            "headroom.limits.exports.when-away=" + way,
            "headroom.limits.exports.rate=4/h",
            "headroom.redis.processes=4",
            "headroom.redis.limit-timeout=50ms")
        .run(
            context -> {
              RateLimiter<String> limiter = context.getBean(Exports.class).perUser();
              redis.get().kill();
              Awaitility.await().until(() -> limiter.tryAcquire("somebody else").isAlone());
              int some = 0;
              for (int i = 0; i < 100; i++) {
                some += limiter.tryAcquire("away").allowed() ? 1 : 0;
              }
              // It has seen one process, itself, if Redis was asked before; four are expected.
              assertThat(some).isBetween(admitted, way.equals("fair-share") ? 4 : admitted);
            });
  }

  @Test
  void requestsAreDecidedOnTogether() {
    Map<String, Boolean> agree = Map.of("closed", true, "open", false);
    agree.forEach(
        (way, agrees) ->
            Applications.servlet()
                .withPropertyValues(
                    "headroom.name=bookshop",
                    "headroom.redis.uri=" + redis.get().uri(),
                    "headroom.limits.a.rate=1/s",
                    "headroom.limits.a.shared=true",
                    "headroom.limits.a.when-away=closed",
                    "headroom.limits.b.rate=1/s",
                    "headroom.limits.b.shared=true",
                    "headroom.limits.b.when-away=" + way)
                .run(
                    context -> {
                      if (agrees) {
                        assertThat(context).hasNotFailed();
                      } else {
                        assertThat(context)
                            .getFailure()
                            .hasStackTraceContaining(".when-away: ")
                            .hasStackTraceContaining("decided on together");
                      }
                    }));
  }
}
