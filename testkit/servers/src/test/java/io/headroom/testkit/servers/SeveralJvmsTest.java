package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SeveralJvmsTest {

  @TempDir Path cache;

  @ParameterizedTest
  @ValueSource(classes = {AnotherJvm.Postgres.class, AnotherJvm.Redis.class})
  void theServersOfAKilledJvmGoWithTheirDataEvenAfterCtrlC(Class<?> program) throws IOException {
    try (AnotherJvm jvm = new AnotherJvm(program)) {
      List<Path> folders = jvm.dataFolders();
      List<ProcessHandle> children = jvm.process().children().toList();
      List<ProcessHandle> servers =
          jvm.process().descendants().filter(SeveralJvmsTest::isServer).toList();
      assertThat(servers).hasSizeGreaterThan(2);
      // A terminal sends Ctrl-C to the watchdog as well.
      List<Long> shells =
          children.stream().filter(child -> !isServer(child)).map(ProcessHandle::pid).toList();
      assertThat(shells).hasSize(1);
      Command.signal("INT", shells);
      Command.signal("HUP", shells);

      jvm.process().destroyForcibly();

      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                assertThat(servers).noneMatch(ServerProcess::runs);
                assertThat(folders).noneMatch(Files::exists);
                assertThat(home(folders.get(0))).doesNotExist();
              });
      await().until(() -> children.stream().noneMatch(ServerProcess::runs));
    }
  }

  @ParameterizedTest
  @ValueSource(classes = {AnotherJvm.Postgres.class, AnotherJvm.Redis.class})
  void jvmsThatStartTogetherUnpackSafely(Class<?> program) throws Exception {
    Files.createDirectories(cache);
    List<AnotherJvm> jvms = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        jvms.add(new AnotherJvm(program, "-D" + CacheLocation.PROPERTY + "=" + cache));
      }
      List<Path> folders = new ArrayList<>();
      for (AnotherJvm jvm : jvms) {
        folders.addAll(jvm.dataFolders());
      }
      assertThat(folders).doesNotHaveDuplicates().allMatch(Files::exists);
      for (AnotherJvm jvm : jvms) {
        jvm.process().getOutputStream().close();
        assertThat(jvm.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(jvm.process().exitValue()).isZero();
      }
      assertThat(folders).noneMatch(Files::exists);
    } finally {
      jvms.forEach(AnotherJvm::close);
    }
    try (Stream<Path> entries = Files.list(cache)) {
      assertThat(entries.map(entry -> entry.getFileName().toString()))
          .isNotEmpty()
          .allMatch(name -> name.startsWith("postgres-") || name.startsWith("redis-"));
    }
  }

  /** The folder of all servers of a JVM, above one of them. */
  private static Path home(Path folder) {
    Path home = folder;
    while (!home.getFileName().toString().startsWith("headroom-")) {
      home = home.getParent();
    }
    return home;
  }

  private static boolean isServer(ProcessHandle process) {
    String command = process.info().command().orElse("");
    return command.endsWith("/bin/postgres") || command.endsWith("/redis-server");
  }
}
