package io.headroom.benchmarks.probe;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs a probe in a fresh JVM and collects the figures that it prints. */
public final class ChildJvm {
  private static final String MARK = "figure ";

  private ChildJvm() {}

  /**
   * In the child: prints one figure for the parent.
   *
   * @param name of the figure
   * @param value of the figure
   */
  static void report(String name, double value) {
    System.out.println(MARK + name + "=" + value);
  }

  /** What a probe does. */
  @FunctionalInterface
  interface Probe {
    void run() throws Exception;
  }

  /** In the child: runs a probe and ends the JVM, even where clients have left threads. */
  static void exitAfter(Probe probe) {
    try {
      probe.run();
    } catch (Exception | Error e) {
      e.printStackTrace();
      System.exit(1);
    }
    System.exit(0);
  }

  /**
   * Runs a main class.
   *
   * @param main the class
   * @param classPath what it needs
   * @param jvmArguments such as {@code -Xmx1g}
   * @param arguments of the main method
   * @return the figures by name, in the order printed
   * @throws IOException if the JVM does not start or its output cannot be read
   * @throws InterruptedException if the wait is interrupted
   * @throws IllegalStateException if it exits with an error; its output is in the message
   */
  public static Map<String, Double> run(
      Class<?> main, String classPath, List<String> jvmArguments, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(jvmArguments);
    command.addAll(List.of("-classpath", classPath, main.getName()));
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    Map<String, Double> figures = new LinkedHashMap<>();
    List<String> output = new ArrayList<>();
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(MARK)) {
          int equals = line.lastIndexOf('=');
          String name = line.substring(MARK.length(), equals);
          figures.put(name, Double.valueOf(line.substring(equals + 1)));
        } else {
          output.add(line);
        }
      }
    }
    int exit = process.waitFor();
    if (exit != 0) {
      throw new IllegalStateException(
          main.getSimpleName() + " ended with " + exit + ":\n" + String.join("\n", output));
    }
    return figures;
  }
}
