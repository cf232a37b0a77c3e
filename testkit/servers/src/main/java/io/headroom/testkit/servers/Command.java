package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Command lines of the operating system, run to their end. */
final class Command {

  private static final int LINES_SHOWN = 30;

  private Command() {}

  /** A process builder with an environment in which no caller's setting changes a server. */
  static ProcessBuilder builder(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    builder.environment().put("TZ", "UTC");
    return builder;
  }

  /** Runs a command and returns what it printed; its failure is an exception that shows that. */
  static String run(String... command) {
    return run(Arrays.asList(command));
  }

  static String run(List<String> command) {
    StringBuilder output = new StringBuilder();
    int status = run(command, output);
    if (status != 0) {
      throw new ServerException(
          "Command failed with status " + status + ": " + quoted(command) + "\n" + tail(output));
    }
    return output.toString();
  }

  /** Whether a command exists and ends with status 0. */
  static boolean succeeds(String... command) {
    try {
      return run(Arrays.asList(command), new StringBuilder()) == 0;
    } catch (ServerException absent) {
      return false;
    }
  }

  /** Sends a signal to processes; one that has gone already is no failure. */
  static void signal(String signal, Iterable<Long> pids) {
    List<String> command =
        new ArrayList<>(List.of("sh", "-c", "kill -s \"$0\" \"$@\" 2>&1 || true", signal));
    pids.forEach(pid -> command.add(Long.toString(pid)));
    if (command.size() > 4) {
      run(command);
    }
  }

  static String quoted(List<String> command) {
    return String.join(" ", command);
  }

  /** The last lines of an output, indented. */
  static String tail(CharSequence output) {
    List<String> lines = output.toString().lines().toList();
    return String.join(
        "\n",
        lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()).stream()
            .map(line -> "    " + line)
            .toList());
  }

  private static int run(List<String> command, StringBuilder output) {
    try {
      Process process = builder(command).directory(Path.of("/").toFile()).start();
      process.getOutputStream().close();
      output.append(
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
      return process.waitFor();
    } catch (IOException failure) {
      throw new ServerException("Cannot run: " + quoted(command), failure);
    } catch (InterruptedException interruption) {
      Thread.currentThread().interrupt();
      throw new ServerException("Interrupted while running: " + quoted(command));
    }
  }
}
