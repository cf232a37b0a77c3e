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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeveralJvmsTest {

  @TempDir Path cache;

  @Test
  void theServersOfAKilledJvmGoWithTheirDataEvenAfterCtrlC() throws IOException {
    try (ClusterInAnotherJvm jvm = new ClusterInAnotherJvm()) {
      List<Path> folders = jvm.dataFolders();
      List<ProcessHandle> children = jvm.process().children().toList();
      List<ProcessHandle> servers =
          jvm.process().descendants().filter(SeveralJvmsTest::isPostgres).toList();
      assertThat(servers).hasSizeGreaterThan(2);
      // A terminal sends Ctrl-C to the watchdog as well.
      List<Long> shells =
          children.stream().filter(child -> !isPostgres(child)).map(ProcessHandle::pid).toList();
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
                assertThat(folders.get(0).getParent().getParent()).doesNotExist();
              });
      await().until(() -> children.stream().noneMatch(ServerProcess::runs));
    }
  }

  @Test
  void jvmsThatStartTogetherUnpackSafely() throws Exception {
    Files.createDirectories(cache);
    List<ClusterInAnotherJvm> jvms = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        jvms.add(new ClusterInAnotherJvm("-D" + CacheLocation.PROPERTY + "=" + cache));
      }
      List<Path> folders = new ArrayList<>();
      for (ClusterInAnotherJvm jvm : jvms) {
        folders.addAll(jvm.dataFolders());
      }
      assertThat(folders).doesNotHaveDuplicates().allMatch(Files::exists);
      for (ClusterInAnotherJvm jvm : jvms) {
        jvm.process().getOutputStream().close();
        assertThat(jvm.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(jvm.process().exitValue()).isZero();
      }
      assertThat(folders).noneMatch(Files::exists);
    } finally {
      jvms.forEach(ClusterInAnotherJvm::close);
    }
    try (Stream<Path> entries = Files.list(cache)) {
      assertThat(entries.map(entry -> entry.getFileName().toString()))
          .hasSize(2)
          .allMatch(name -> name.startsWith("postgres-"));
    }
  }

  private static boolean isPostgres(ProcessHandle process) {
    return process.info().command().orElse("").endsWith("/bin/postgres");
  }
}
