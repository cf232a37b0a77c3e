package io.headroom.benchmarks.report;

import java.time.LocalDate;

/**
 * Where and how a section's figures were taken: enough to take them again, nothing that names a
 * machine.
 *
 * @param date the day
 * @param cores processors that the JVM saw
 * @param jdk version and name of the JVM
 * @param system operating system and architecture
 * @param command the command that prints the section again
 */
public record Origin(LocalDate date, int cores, String jdk, String system, String command) {

  /**
   * Describes the running JVM.
   *
   * @param date today
   * @param command the command that was given
   * @return the origin
   */
  public static Origin here(LocalDate date, String command) {
    return new Origin(
        date,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version") + " (" + System.getProperty("java.vm.name") + ")",
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        command);
  }

  /**
   * The line under a section's heading.
   *
   * @return one sentence
   */
  public String print() {
    return "Measured %s on %d cores, JDK %s, %s, by `%s`."
        .formatted(date, cores, jdk, system, command);
  }
}
