package com.example.startup;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Prints what the starter costs at the start, run by hand: {@code -Dstartup.runs=10}. Each start is
 * a JVM of its own; the ways are tried in turn, so that what else the machine does hits all alike.
 * The starter waits until its servers have said who they are: beside pools that nobody waits for,
 * that is a part of its cost.
 */
@EnabledIfSystemProperty(named = "startup.runs", matches = "\\d+")
class StartUpCostTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(2);

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static final Pattern OURS =
      Pattern.compile("/(core|sharding|routing|cache|redis|ratelimit|spring|spring-boot)/target/");

  @TempDir private Path jars;

  private static String url(PostgresServer server) {
    return server.jdbcUrl(postgres.database()) + "&connectTimeout=1&socketTimeout=5";
  }

  private static List<String> urls() {
    List<String> urls = new ArrayList<>(List.of(url(postgres.server(0))));
    postgres.replicasOf(0).forEach(replica -> urls.add(url(replica)));
    return urls;
  }

  private static List<String> with(List<String> some, String... more) {
    List<String> all = new ArrayList<>(some);
    all.addAll(List.of(more));
    return all;
  }

  /** Pools that fill in the background, as HikariCP is set for services that must start. */
  private static final String WITHOUT = "without the starter";

  /** Pools of which each has its first connection, as they are unless told otherwise. */
  private static final String CONNECTED = "without it, pools connected";

  private static Map<String, List<String>> ways() {
    List<String> application =
        List.of(
            "--server.port=0",
            "--spring.main.banner-mode=off",
            "--spring.flyway.enabled=false",
            "--management.endpoints.web.exposure.include=*",
            "--management.health.db.enabled=false");
    List<String> urls = urls();
    List<String> starter =
        with(
            application,
            "--headroom.name=startup",
            "--headroom.database.primary.url=" + urls.get(0),
            "--headroom.database.replicas.b.url=" + urls.get(1),
            "--headroom.database.replicas.c.url=" + urls.get(2),
            "--headroom.guard.enabled=true",
            "--headroom.caches.titles.stale-for=10m",
            "--headroom.limits.each-client.rate=100/s",
            "--headroom.limits.each-client.by=address",
            "--headroom.request.timeout=2s",
            "--headroom.request.critical=/orders/**",
            "--headroom.request.token.key=0123456789abcdef");
    Map<String, List<String>> ways = new LinkedHashMap<>();
    List<String> own =
        with(
            application,
            "--own.pools0=" + urls.get(0),
            "--own.pools1=" + urls.get(1),
            "--own.pools2=" + urls.get(2));
    ways.put(WITHOUT, with(own, "--own.connected=false"));
    ways.put(CONNECTED, with(own, "--own.connected=true"));
    ways.put("with all that needs no Redis", starter);
    ways.put(
        "with all of it",
        with(
            starter,
            "--headroom.redis.uri=" + redis.get().uri(),
            "--headroom.caches.titles.shared=true",
            "--headroom.caches.titles.type=java.lang.String",
            "--headroom.limits.orders.rate=1000/m",
            "--headroom.limits.orders.paths=/orders/**",
            "--headroom.limits.orders.shared=true"));
    return ways;
  }

  /** As services start, and with an archive of their classes, as Spring Boot advises. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatItCosts(boolean archived) throws IOException, InterruptedException {
    int runs = Integer.getInteger("startup.runs");
    Map<String, List<String>> ways = ways();
    Map<String, List<Long>> micros = new LinkedHashMap<>();
    for (int run = -1; run < runs; run++) { // the first fills the file cache, and the archive
      for (String way : ways.keySet()) {
        List<String> jvm = archived ? List.of(archive(way, run < 0)) : List.of();
        long took = start(!way.startsWith("without"), jvm, ways.get(way));
        if (run >= 0) {
          micros.computeIfAbsent(way, any -> new ArrayList<>()).add(took);
        }
      }
    }
    long before = median(micros.get(WITHOUT));
    long connected = median(micros.get(CONNECTED));
    System.out.printf(
        Locale.ROOT,
        "START-UP, medians of %d, JDK %s%s%n",
        runs,
        Runtime.version().feature(),
        archived ? ", each with an archive of its classes" : "");
    System.out.printf("  %-30s %8s  %10s  %10s%n", "", "", "on the 1st", "on the 2nd");
    for (Map.Entry<String, List<Long>> way : micros.entrySet()) {
      System.out.printf(
          Locale.ROOT,
          "  %-30s %5d ms  %+7d ms  %+7d ms  (%d to %d)%n",
          way.getKey(),
          median(way.getValue()) / 1_000,
          (median(way.getValue()) - before) / 1_000,
          (median(way.getValue()) - connected) / 1_000,
          way.getValue().stream().min(Long::compare).orElseThrow() / 1_000,
          way.getValue().stream().max(Long::compare).orElseThrow() / 1_000);
    }
    assertThat(micros).hasSize(ways.size());
  }

  private String archive(String way, boolean isMade) {
    Path file = jars.resolve(way.replace(' ', '-') + ".jsa");
    return (isMade ? "-XX:ArchiveClassesAtExit=" : "-XX:SharedArchiveFile=") + file;
  }

  private static long median(List<Long> all) {
    List<Long> sorted = all.stream().sorted().toList();
    return (sorted.get((sorted.size() - 1) / 2) + sorted.get(sorted.size() / 2)) / 2;
  }

  /**
   * All is in jars, as users have it: in each folder of classes the JVM would look for every class
   * of all the other libraries, and archive none.
   */
  private String classPath(boolean starter) throws IOException {
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    List<String> entries = new ArrayList<>();
    for (String entry : all.split(Pattern.quote(File.pathSeparator), -1)) {
      boolean ours = !entry.endsWith("test-classes") && OURS.matcher(entry + "/").find();
      if (starter || !ours) {
        entries.add(jar(Path.of(entry)).toString());
      }
    }
    return String.join(File.pathSeparator, entries);
  }

  private Path jar(Path classes) throws IOException {
    if (!Files.isDirectory(classes)) {
      return classes;
    }
    Path module = classes.getParent().getParent();
    Path jar = jars.resolve(module.getFileName() + "-" + classes.getFileName() + ".jar");
    if (Files.exists(jar)) {
      return jar;
    }
    try (var files = Files.walk(classes);
        JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
    return jar;
  }

  private long start(boolean starter, List<String> jvm, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m"));
    command.addAll(jvm);
    command.addAll(List.of("-cp", classPath(starter), Started.class.getName()));
    command.addAll(arguments);
    if (Boolean.getBoolean("startup.steps")) {
      command.add("steps");
    }
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    output.lines().filter(line -> line.startsWith("STEP ")).forEach(System.out::println);
    return output
        .lines()
        .filter(line -> line.startsWith("STARTED "))
        .map(line -> Long.parseLong(line.substring("STARTED ".length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(output));
  }
}
