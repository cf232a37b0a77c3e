package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.zaxxer.hikari.HikariDataSource;
import io.headroom.testkit.servers.PostgresExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Many virtual threads wait for few connections, and have a single carrier thread: were one of them
 * to keep it while it waits, none would get any further. They exist from JDK 21 on, so this runs in
 * a second JVM, where such a JDK is installed beside the one in use.
 */
class VirtualThreadsTest {

  private static final int THREADS = 500;
  private static final int OLDEST = 21;

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(1);

  @Test
  void aThreadThatWaitsDoesNotKeepItsCarrier() throws Exception {
    Optional<Path> java = newerJava();
    assumeThat(java).as("a JDK %d or newer beside this one", OLDEST).isPresent();
    Path output = Files.createTempFile("virtual", ".txt");
    Process process =
        new ProcessBuilder(
                java.get().toString(),
                "-Djdk.virtualThreadScheduler.parallelism=1",
                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                postgres.jdbcUrl(0))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(120, TimeUnit.SECONDS);
      String printed = Files.readString(output, StandardCharsets.UTF_8);
      assertThat(ended).as("it hangs: %s", printed).isTrue();
      assertThat(printed).contains("served " + THREADS);
    } finally {
      process.destroyForcibly();
      Files.delete(output);
    }
  }

  /** The newest of those in the folder where this one is. */
  private static Optional<Path> newerJava() throws IOException {
    if (Runtime.version().feature() >= OLDEST) {
      return Optional.of(Path.of(System.getProperty("java.home"), "bin", "java"));
    }
    Path beside = Path.of(System.getProperty("java.home")).getParent();
    try (Stream<Path> homes = Files.list(beside)) {
      List<Path> found = new ArrayList<>();
      for (Path home : homes.toList()) {
        Path release = home.resolve("release");
        if (Files.isReadable(release) && feature(Files.readString(release)) >= OLDEST) {
          found.add(home.resolve("bin/java"));
        }
      }
      return found.stream().filter(Files::isExecutable).findFirst();
    }
  }

  private static int feature(String release) {
    return release
        .lines()
        .filter(line -> line.startsWith("JAVA_VERSION=\""))
        .map(line -> line.replaceAll("[^0-9.]", "").replaceAll("\\..*", ""))
        .mapToInt(Integer::parseInt)
        .findFirst()
        .orElse(0);
  }

  /** Runs in the other JVM. */
  static final class Main {

    private Main() {}

    public static void main(String[] arguments) throws Exception {
      AtomicInteger served = new AtomicInteger();
      try (HikariDataSource pool = Pools.hikari(arguments[0], 2);
          ConnectionGuard guard =
              ConnectionGuard.builder()
                  .targetDelay(Duration.ofSeconds(50))
                  .stuckAfter(Duration.ofSeconds(50))
                  .maximumWait(Duration.ofSeconds(60))
                  .maximumWaiters(THREADS)
                  .build()) {
        DataSource orders = guard.protect("orders", pool);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
          threads.add(startVirtual(() -> select(orders, served)));
        }
        for (Thread thread : threads) {
          thread.join();
        }
      }
      System.out.println("served " + served.get());
    }

    private static Thread startVirtual(Runnable task) throws ReflectiveOperationException {
      return (Thread)
          Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
    }

    private static void select(DataSource orders, AtomicInteger served) {
      try (Connection connection = orders.getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("SELECT pg_sleep(0.002)");
        served.incrementAndGet();
      } catch (SQLException failure) {
        throw new IllegalStateException(failure);
      }
    }
  }
}
