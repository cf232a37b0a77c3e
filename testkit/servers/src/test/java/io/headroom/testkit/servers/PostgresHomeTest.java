package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresHomeTest {

  @TempDir Path folder;

  @Test
  void rootRunsServersAsNobodyWhereNamespacesAreForbidden() throws IOException {
    assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    PostgresBinaries binaries =
        PostgresBinaries.find(Platform.current(), getClass().getClassLoader());
    PostgresHome home = new PostgresHome(folder, Privileges.NOBODY, binaries);
    PostgresServer server = PostgresServer.start("as-nobody", home, Map.of());
    try {
      assertThat(Files.getOwner(server.dataFolder()).getName()).isEqualTo("nobody");
      server.kill();
      server.restart();
      assertThat(server.isRunning()).isTrue();
    } finally {
      server.close();
    }
    assertThat(server.dataFolder()).doesNotExist();
  }

  @Test
  void theCacheIsWhereThePropertySays() {
    String before = System.getProperty(CacheLocation.PROPERTY);
    System.setProperty(CacheLocation.PROPERTY, folder.resolve("chosen").toString());
    try {
      assertThat(CacheLocation.find(Privileges.KEPT)).isEqualTo(folder.resolve("chosen"));
    } finally {
      if (before == null) {
        System.clearProperty(CacheLocation.PROPERTY);
      } else {
        System.setProperty(CacheLocation.PROPERTY, before);
      }
    }
  }
}
