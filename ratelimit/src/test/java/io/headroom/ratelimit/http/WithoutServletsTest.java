package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.headroom.TimeSource;
import io.headroom.ratelimit.RateLimiter;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;

/** All but the filters does without the servlet API, also for who looks at it by reflection. */
class WithoutServletsTest {

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ratelimit.http.ClientAddress",
        "ratelimit.http.RateLimitHeaders",
        "ratelimit.http.RateLimitProblem",
        "guard.http.CapacityProblem"
      })
  void isThereWithout(String name) throws Exception {
    Class<?> type = bare.loadClass("io.headroom." + name);

    assertThat(type.getClassLoader()).isSameAs(bare);
    assertThat(type.getDeclaredMethods()).isNotEmpty();
  }

  @Test
  void worksWithout() throws Exception {
    Class<?> type = bare.loadClass("io.headroom.ratelimit.http.ClientAddress");
    Object address =
        type.getMethod("xForwardedFor", String[].class)
            .invoke(null, (Object) new String[] {"10.0.0.0/8"});
    Function<String, List<String>> headers = name -> List.of("192.0.2.1");

    assertThat(
            type.getMethod("of", String.class, Function.class).invoke(address, "10.0.0.1", headers))
        .isEqualTo("192.0.2.1");
  }

  /** Or this test would show nothing. */
  @ParameterizedTest
  @ValueSource(strings = {"ratelimit.http.RateLimitFilter", "guard.http.AdmissionFilter"})
  void theFiltersNeedIt(String name) {
    assertThatExceptionOfType(NoClassDefFoundError.class)
        .isThrownBy(() -> bare.loadClass("io.headroom." + name));
  }
}
