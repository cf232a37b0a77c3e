package io.headroom.testkit.servers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A JVM that starts a primary with a replica, stops the replica, says where everything is, and
 * waits until its standard input ends.
 */
final class ClusterInAnotherJvm implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;

  ClusterInAnotherJvm(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(options));
    command.add(ClusterInAnotherJvm.class.getName());
    process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  Process process() {
    return process;
  }

  /** Waits for the cluster; where its servers' data is. */
  List<Path> dataFolders() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("The other JVM ended without a cluster: see its standard error");
    }
    return Arrays.stream(line.split("\t")).map(Path::of).toList();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  public static void main(String[] arguments) throws IOException {
    try (PostgresCluster cluster = PostgresCluster.builder().replicas(1).start()) {
      cluster.servers().get(1).stop();
      System.out.println(
          String.join(
              "\t",
              cluster.servers().stream().map(server -> server.dataFolder().toString()).toList()));
      while (System.in.read() >= 0) {
        // The parent closes our standard input when we may go.
      }
    }
  }
}
