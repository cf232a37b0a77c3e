package io.headroom.benchmarks;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * What the Maven profile passes on.
 *
 * @param filter groups whose name holds a match are run
 * @param quick a short run to see that all works; its figures are printed but not written
 * @param page the page to update
 * @param dependencies verbose output of dependency:tree for this module
 */
record Settings(Pattern filter, boolean quick, Path page, Path dependencies) {

  static Settings ofSystemProperties() {
    return new Settings(
        Pattern.compile(System.getProperty("bench", "")),
        Boolean.getBoolean("bench.quick"),
        Path.of(System.getProperty("bench.page", "docs/benchmarks.md")),
        Path.of(System.getProperty("bench.dependencies", "target/dependency-tree.txt")));
  }

  /** The command that runs one group again. */
  static String command(String group) {
    return "mvn -q -Pbenchmarks -Dbench=" + group;
  }
}
