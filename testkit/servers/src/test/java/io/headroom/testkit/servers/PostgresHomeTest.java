package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    ServerGroup group = ServerGroup.start("as-nobody", home, Map.of(), FreePort::find);
    PostgresServer server = group.first();
    try {
      assertThat(Files.getOwner(server.dataFolder()).getName()).isEqualTo("nobody");
      PostgresServer replica = server.addReplica();
      assertThat(Files.getOwner(replica.dataFolder()).getName()).isEqualTo("nobody");
      assertThat(replica.isRunning()).isTrue();
      server.kill();
      server.restart();
      assertThat(server.isRunning()).isTrue();
    } finally {
      group.close();
    }
    assertThat(group.members()).noneMatch(member -> Files.exists(member.dataFolder()));
  }

  @Test
  void aPortThatSomeoneTakesFirstIsExchanged() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Iterator<Integer> ports = List.of(other.getLocalPort(), FreePort.find()).iterator();
      PostgresServer server =
          ServerGroup.start("late", PostgresHome.shared(), Map.of(), ports::next).first();
      assertThat(server.port()).isNotEqualTo(other.getLocalPort());
      assertThat(server.jdbcUrl()).contains(":" + server.port() + "/");
      assertThat(server.isRunning()).isTrue();
      server.close();
    }
  }

  @Test
  void copiesOfTheTemplateAreDifferentClustersToPostgres() throws Exception {
    Set<Long> identifiers = new HashSet<>();
    try (PostgresCluster cluster = PostgresCluster.start(2)) {
      for (PostgresServer server : cluster.servers()) {
        try (Connection connection = server.dataSource().getConnection();
            Statement statement = connection.createStatement();
            ResultSet rows =
                statement.executeQuery("SELECT system_identifier FROM pg_control_system()")) {
          rows.next();
          identifiers.add(rows.getLong(1));
        }
      }
    }
    assertThat(identifiers).hasSize(2);
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
