package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.TimeSource;
import io.headroom.redis.RedisCommands;
import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class RateLimitModuleTest {

  /** What headroom-redis brings. */
  private static final Pattern FOR_REDIS =
      Pattern.compile("(lettuce|netty|reactor|reactive|resilience4j|redis-authx|vavr).*\\.jar");

  @Test
  void resolvesOnTheModulePathWithoutTheOptionalModules() throws URISyntaxException {
    Stream<Path> forRedis =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .filter(path -> FOR_REDIS.matcher(path.getFileName().toString()).matches());
    Stream<Path> needed =
        Stream.of(
            home(RateLimiter.class),
            home(RedisCommands.class),
            home(TimeSource.class),
            home(Logger.class),
            home(Nullable.class));

    Configuration resolved =
        ModuleLayer.boot()
            .configuration()
            .resolve(
                ModuleFinder.of(Stream.concat(needed, forRedis).toArray(Path[]::new)),
                ModuleFinder.of(),
                Set.of("io.headroom.ratelimit"));

    assertThat(resolved.findModule("io.headroom.ratelimit")).isPresent();
    assertThat(resolved.findModule("micrometer.core")).isEmpty();
  }

  private static Path home(Class<?> type) throws URISyntaxException {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
  }
}
