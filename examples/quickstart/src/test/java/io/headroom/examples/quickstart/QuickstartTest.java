package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.examples.quickstart.service.Schema;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the quickstart as a person does: in a JVM of its own, judged by output and exit code. */
class QuickstartTest {

  /** What a locale must not change: the lines are read by scripts. */
  private static final List<String> DIGITS_OF_ANOTHER_SCRIPT =
      List.of("-Duser.language=ar", "-Duser.country=EG", "-Duser.extensions=u-nu-arab");

  /** Half a minute; but the guard is careful for two if the machine stalls during the spike. */
  private static final Duration LONGEST_RUN = Duration.ofSeconds(270);

  @TempDir Path folder;

  @Test
  void aSmallRunHoldsAllItsChecks() throws Exception {
    Path report = folder.resolve("report.html");
    Process run = start("-Dusers=2000", "-Drate=100", "-Dload.seconds=10", "-Dreport=" + report);
    assertThat(run.waitFor(LONGEST_RUN.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
    assertThat(run.exitValue()).as(output()).isZero();
    assertThat(lastLine())
        .matches(
            "QUICKSTART OK users=2000 concurrent=2000 shards=4 misplaced=0 errors=0"
                + " error_rate=0.000% per_s=[0-9]+ p50_ms=[0-9.]+ p95_ms=[0-9.]+"
                + " p99_ms=[0-9.]+ p95_faults_ms=[0-9.]+ p95_holds_at=[0-9]+ worst_share=[0-9.]+"
                + " seconds=[0-9.]+ stale_reads=0 lost_writes=0 failover_gap_ms=[0-9]+"
                + " replica_reads=[0-9.]+% l1_hit=[0-9.]+% l2_hit=[0-9.]+%"
                + " invalidation_p99_ms=[0-9.]+ stale_after_invalidate=0 over_admitted=0"
                + " limit_used=(9[5-9]|100)[0-9.]*% goodput_10x=[0-9.]+% bare_goodput_10x=[0-9.]+%"
                + " recover_ms=[0-9]+");
    assertThat(output())
        .contains(
            "shard-4",
            "misplaced",
            "service-2 listens at",
            "calm again",
            "PUT one's profile",
            "paused replica postgres-1-replica-1",
            "killed replica postgres-3-replica-1",
            "killed primary postgres-2",
            "promoted replica postgres-2-replica-",
            "killed redis-0",
            "restarted redis-0",
            "from service-1 to service-2",
            "the greedy address ends",
            "nobody else was refused, by either service: 0 of",
            "the pool of orders is NORMAL, after ELEVATED",
            "guarded, CRITICAL",
            "bare, SHEDDABLE",
            "stale reads after an invalidation: 0; ",
            "shard-2: writes go to postgres-2-replica-",
            "FRESH",
            "acknowledged writes that were lost",
            "The report: " + report);
    assertThat(report)
        .content()
        .contains(
            "killed primary postgres-2", "postgres-3-replica-1", "100 requests/s per address");
  }

  @Test
  void aWrongOptionFailsAtOnceAndSaysWhatIsAllowed() throws Exception {
    Process run = start("-Dusers=many");
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isEqualTo(1);
    assertThat(lastLine()).startsWith("QUICKSTART FAILED").contains("-Dusers=many", "1,000");
  }

  /** Nobody is there twice. */
  @Test
  void moreUsersAtATimeThanThereAreIsAWrongOption() throws Exception {
    Process run = start("-Dusers=1000", "-Dconcurrent=1001");
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(run.exitValue()).isEqualTo(1);
    assertThat(lastLine()).contains("-Dconcurrent=1001: give a whole number from 100 to 1,000");
  }

  /** Behind the quickstart's back, as a bug in routing would do it. */
  @Test
  void aRowWhereItDoesNotBelongFailsTheRun() throws Exception {
    ShardMap map = ShardMap.of("shard-0", "shard-1", "shard-2", "shard-3");
    long stray = 5_000_000;
    while (ShardRouter.forLongs(map).shardFor(stray).id().equals("shard-0")) {
      stray++;
    }
    Path report = Files.writeString(folder.resolve("report.html"), "that of the last run");
    Process run = start("-Dusers=1000", "-Drate=100", "-Dload.seconds=6", "-Dreport=" + report);
    await().atMost(Duration.ofSeconds(90)).until(() -> output().contains("== Loading"));
    Matcher port = Pattern.compile("shard-0 is PostgreSQL at 127.0.0.1:([0-9]+)").matcher(output());
    assertThat(port.find()).as(output()).isTrue();
    String url = "jdbc:postgresql://127.0.0.1:" + port.group(1) + "/postgres?user=postgres";
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      statement.execute("INSERT INTO users VALUES (" + stray + ", 'stray@example.org')");
    }
    assertThat(report).as("no run leaves that of another").doesNotExist();
    assertThat(output()).as("it came in time").doesNotContain("== Where the rows are");
    assertThat(run.waitFor(LONGEST_RUN.toSeconds(), TimeUnit.SECONDS)).as(output()).isTrue();
    assertThat(run.exitValue()).as(output()).isEqualTo(1);
    assertThat(output()).contains("FAIL rows on a shard that does not own them: 1");
    assertThat(lastLine())
        .startsWith("QUICKSTART FAILED users=1000 concurrent=1000 shards=4 misplaced=1 errors=0 ")
        .doesNotContain("reason=");
    assertThat(report)
        .content()
        .contains(
            "class='verdict bad'",
            "1 of 11 gates missed; 1 other check failed",
            "<li>every user is there once: 1,001 of 1,000</li>",
            "<li>rows on a shard that does not own them: 1</li>");
  }

  @Test
  void aReasonOfManyLinesIsOneLine() {
    assertThat(Screen.oneLine("ERROR: syntax error at or near \"x\"\n  Position: 86\r\n  Hint"))
        .isEqualTo("ERROR: syntax error at or near \"x\" Position: 86 Hint");
  }

  @Test
  void anInterruptLeavesNoServerBehind() throws Exception {
    Process run = start("-Dusers=2000", "-Dload.seconds=600");
    leavesNothing(run, "INT", Long.toString(run.pid()));
  }

  /** It has no time to clean up: the servers have a watchdog, the services their input. */
  @Test
  void aKillLeavesNoProcessBehind() throws Exception {
    Process run = start("-Dusers=2000", "-Dload.seconds=600");
    leavesNothing(run, "KILL", Long.toString(run.pid()));
  }

  /** A terminal sends Ctrl-C to the whole group: to the servers and their watchdog as well. */
  @Test
  void ctrlCLeavesNoServerAndNoFolderBehind() throws Exception {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Process run =
        start(
            List.of("setsid"),
            "-Dusers=2000",
            "-Dload.seconds=600",
            "-Djava.io.tmpdir=" + temporary);
    leavesNothing(run, "INT", "-" + run.pid());
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              try (Stream<Path> left = Files.list(temporary)) {
                assertThat(left)
                    .noneMatch(path -> path.getFileName().toString().contains("postgres"))
                    .noneMatch(path -> path.getFileName().toString().contains("headroom-service"));
              }
            });
  }

  private void leavesNothing(Process run, String signal, String processOrGroup) throws Exception {
    await()
        .atMost(Duration.ofSeconds(90))
        .untilAsserted(() -> assertThat(output()).contains("   service-2 listens at"));
    List<ProcessHandle> children = run.descendants().toList();
    assertThat(children).as("servers and two JVMs").hasSizeGreaterThanOrEqualTo(9 + 1 + 2);
    new ProcessBuilder("kill", "-" + signal, "--", processOrGroup).start().waitFor();
    assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(children).noneMatch(QuickstartTest::runs));
  }

  @Test
  void aMisplacedRowIsFound() throws Exception {
    try (Fleet fleet = Fleet.start()) {
      Schema.create(fleet.wiring());
      String wrong = fleet.router().shardFor(42L).id().equals("shard-0") ? "shard-1" : "shard-0";
      try (Connection connection = fleet.sharded().forShard(wrong).getConnection();
          Statement statement = connection.createStatement()) {
        statement.execute("INSERT INTO users VALUES (42, 'lost@example.org')");
      }
      List<PlacementCheck.Holdings> found = new PlacementCheck(fleet).run();
      assertThat(found)
          .filteredOn(shard -> shard.misplaced() == 1)
          .singleElement()
          .extracting(PlacementCheck.Holdings::shard)
          .isEqualTo(wrong);
    }
  }

  /** A zombie that pid 1 has not reaped yet counts as gone. */
  private static boolean runs(ProcessHandle process) {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try {
      return process.isAlive() && !Files.readString(status).contains("State:\tZ");
    } catch (IOException gone) {
      return Files.exists(status);
    }
  }

  private Process start(String... options) throws IOException {
    return start(List.of(), options);
  }

  private Process start(List<String> prefix, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    if (Files.exists(Path.of("/proc"))) {
      // a shell that runs this build in the background has its children ignore Ctrl-C
      command.addAll(List.of("env", "--default-signal=INT"));
    }
    command.addAll(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.addAll(DIGITS_OF_ANOTHER_SCRIPT);
    command.addAll(List.of(options));
    command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
    command.add(Quickstart.class.getName());
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("out").toFile())
        .start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("out"), StandardCharsets.UTF_8);
  }

  private String lastLine() throws IOException {
    List<String> lines = output().lines().toList();
    return lines.get(lines.size() - 1);
  }
}
