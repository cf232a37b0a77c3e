package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A cache that has no shared tier needs none of the libraries for one. */
class AloneOnClassPathTest {

  private static final Pattern NOT_NEEDED =
      Pattern.compile("lettuce|netty|reactor|reactive|resilience4j|jackson|zstd|micrometer");

  /** Where headroom-redis is in the class path of a build that has not packaged it. */
  private static final String BUILT_HERE = File.separator + Path.of("redis", "target");

  private static final List<String> ABSENT =
      List.of(
          "io.headroom.redis.RedisCommands",
          "io.lettuce.core.RedisClient",
          "io.netty.channel.Channel",
          "reactor.core.publisher.Mono",
          "io.github.resilience4j.circuitbreaker.CircuitBreaker",
          "com.fasterxml.jackson.databind.ObjectMapper",
          "com.github.luben.zstd.Zstd",
          "io.micrometer.core.instrument.MeterRegistry");

  @Test
  void aCacheWithoutASharedTierRunsWithoutRedisLibraries() throws Exception {
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !NOT_NEEDED.matcher(Path.of(entry).getFileName().toString()).find())
            .filter(entry -> !entry.contains("headroom-redis") && !entry.contains(BUILT_HERE))
            .collect(Collectors.joining(File.pathSeparator));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-Xverify:all",
                "-cp",
                classPath,
                Alone.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).endsWith("it works\n");
  }

  /** Runs in the other JVM. */
  static final class Alone {

    private Alone() {}

    /** Builds a cache, and uses all that it has. */
    public static void main(String[] arguments) throws IOException {
      for (String name : ABSENT) {
        requireAbsent(name);
      }
      Map<String, String> table = new java.util.concurrent.ConcurrentHashMap<>(Map.of("a", "1"));
      TieredCache<String, String> cache =
          TieredCache.<String, String>builder("alone", table::get)
              .staleFor(Duration.ofMinutes(1))
              .softTimeout(Duration.ofSeconds(5))
              .tags((key, value) -> List.of("letter"))
              .build();
      require("1".equals(cache.get("a")), "get");
      require(cache.get("z") == null, "absent");
      cache.put("b", "2");
      require(Map.of("a", "1", "b", "2").equals(cache.getAll(List.of("a", "b", "z"))), "getAll");
      table.put("a", "new");
      cache.invalidate("a");
      require("new".equals(cache.getAsync("a").join()), "invalidate");
      table.put("a", "newer");
      cache.invalidateTag("letter");
      require("newer".equals(cache.get("a")), "invalidateTag");
      require(cache.fill("c").keep("3"), "fill");
      cache.invalidateAll();
      require(cache.getIfPresent("c") == null, "invalidateAll");
      require(cache.stats().shared() == null && cache.stats().gets() == 7, "" + cache);
      cache.close();
      System.out.print("it works\n");
    }

    private static void require(boolean holds, String what) {
      if (!holds) {
        throw new IllegalStateException(what);
      }
    }

    private static void requireAbsent(String name) {
      try {
        Class.forName(name);
      } catch (ClassNotFoundException absent) {
        return;
      }
      throw new IllegalStateException(name + " is on the class path");
    }
  }
}
