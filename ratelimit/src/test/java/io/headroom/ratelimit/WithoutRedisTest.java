package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.TimeSource;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/** Limits of one process do without headroom-redis and all that it brings. */
class WithoutRedisTest {

  private URLClassLoader bare;

  @BeforeEach
  void open() {
    bare =
        new URLClassLoader(
            new URL[] {home(RateLimiter.class), home(TimeSource.class), home(Logger.class)},
            ClassLoader.getPlatformClassLoader());
  }

  @AfterEach
  void close() throws Exception {
    bare.close();
  }

  private static URL home(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }

  private Class<?> load(String name) throws ClassNotFoundException {
    return bare.loadClass("io.headroom.ratelimit." + name);
  }

  @Test
  void aLimiterOfOneProcessWorksWithout() throws Exception {
    Object limit = load("Limit").getMethod("perSecond", long.class).invoke(null, 1L);
    Object builder = load("RateLimiter").getMethod("builder", String.class).invoke(null, "door");
    builder.getClass().getMethod("limit", load("Limit")).invoke(builder, limit);
    Object limiter = builder.getClass().getMethod("build").invoke(builder);

    Object decision = limiter.getClass().getMethod("tryAcquire", Object.class).invoke(limiter, "a");

    assertThat(decision).hasToString("admitted 1 by 'door' (1 per second, burst 1), 0 left");
    assertThat(decision.getClass().getClassLoader()).isSameAs(bare);
  }

  /** Or this test would show nothing. */
  @Test
  void limitsInRedisNeedIt() throws Exception {
    Class<?> limits = load("RedisLimits");
    assertThatThrownBy(
            () -> limits.getMethod("connect", String.class).invoke(null, "redis://localhost"))
        .isInstanceOf(InvocationTargetException.class)
        .hasCauseInstanceOf(NoClassDefFoundError.class);
  }
}
