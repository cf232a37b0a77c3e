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
import java.util.stream.Stream;

/** A JVM that starts servers, says where everything is, and waits until its standard input ends. */
final class AnotherJvm implements AutoCloseable {

  private final Process process;
  private final BufferedReader output;

  /** Starts a main method that tells of its servers by {@link #tellAndWait}. */
  AnotherJvm(Class<?> program, String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx64m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(options));
    command.add(program.getName());
    process = new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
    output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  Process process() {
    return process;
  }

  /** Waits for the servers; where their data is. */
  List<Path> dataFolders() throws IOException {
    String line = output.readLine();
    if (line == null) {
      throw new IOException("The other JVM ended without servers: see its standard error");
    }
    return Arrays.stream(line.split("\t")).map(Path::of).toList();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** Called in the other JVM. */
  static void tellAndWait(List<Path> dataFolders) throws IOException {
    System.out.println(String.join("\t", dataFolders.stream().map(Path::toString).toList()));
    while (System.in.read() >= 0) {
      // The parent closes our standard input when we may go.
    }
  }

  /** A primary with a replica, which is stopped. */
  static final class Postgres {

    private Postgres() {}

    public static void main(String[] arguments) throws IOException {
      try (PostgresCluster cluster = PostgresCluster.builder().replicas(1).start()) {
        cluster.servers().get(1).stop();
        tellAndWait(cluster.servers().stream().map(PostgresServer::dataFolder).toList());
      }
    }
  }

  /** A primary with a replica, which is stopped, and sentinels. */
  static final class Redis {

    private Redis() {}

    public static void main(String[] arguments) throws IOException {
      try (RedisSentinels redis = RedisSentinels.start(1)) {
        redis.servers().get(1).stop();
        tellAndWait(
            Stream.concat(redis.servers().stream(), redis.sentinels().stream())
                .map(server -> server.program().folder())
                .toList());
      }
    }
  }
}
