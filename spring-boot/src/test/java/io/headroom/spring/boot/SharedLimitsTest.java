package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Services share a limit with their own processes only. */
class SharedLimitsTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  @ParameterizedTest
  @ValueSource(strings = {"x=y", "spring.application.name=", "headroom.name="})
  void aServiceWithoutANameSharesNoLimits(String property) {
    Applications.servlet()
        .withPropertyValues(
            property,
            "headroom.redis.uri=" + redis.get().uri(),
            "headroom.limits.orders.rate=1/s",
            "headroom.limits.orders.shared=true")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("headroom.name: ")
                    .hasStackTraceContaining("spring.application.name")
                    .hasStackTraceContaining("headroom.limits.orders"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"spring.application.name=bookshop", "headroom.name=bookshop"})
  void aServiceWithANameDoes(String property) {
    Applications.servlet()
        .withPropertyValues(
            property,
            "headroom.redis.uri=" + redis.get().uri(),
            "headroom.limits.orders.rate=1/s",
            "headroom.limits.orders.shared=true")
        .run(context -> assertThat(context.getBean(Limiters.class).redis()).isPresent());
  }

  @ParameterizedTest
  @ValueSource(strings = {"x=y", "spring.application.name="})
  void limitsOfOneProcessNeedNoName(String property) {
    Applications.servlet()
        .withPropertyValues(property, "headroom.limits.orders.rate=1/s")
        .run(context -> assertThat(context).hasSingleBean(HttpLimits.class));
  }
}
