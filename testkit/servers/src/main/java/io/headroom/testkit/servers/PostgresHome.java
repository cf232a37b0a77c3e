package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the servers of one JVM share: the unpacked binaries, a template data folder, a folder for
 * their data, the user they run as, and the watchdog.
 */
final class PostgresHome {

  private static final List<String> INITDB_OPTIONS =
      List.of("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");

  private static @Nullable PostgresHome shared;

  private final Privileges privileges;
  private final Path binaries;
  private final Path template;
  private final ServerHome servers;

  PostgresHome(Path cache, Privileges privileges, PostgresBinaries archive) {
    this.privileges = privileges;
    this.binaries = CachedFolder.get(cache, archive.name(), privileges, archive::unpack);
    this.template = CachedFolder.get(cache, archive.name() + "-data", privileges, this::initialize);
    this.servers = new ServerHome("postgres", privileges, "QUIT");
  }

  /** The home of this JVM: a watchdog and a look at the cache are needed once only. */
  static synchronized PostgresHome shared() {
    PostgresHome home = shared;
    if (home == null) {
      Privileges privileges = Privileges.detect();
      home =
          new PostgresHome(
              CacheLocation.find(privileges),
              privileges,
              PostgresBinaries.find(Platform.current(), PostgresHome.class.getClassLoader()));
      shared = home;
    }
    return home;
  }

  /** Makes the data folder of a new cluster, like no other. */
  void makeDatabaseCluster(Path data) {
    Folders.copy(template, data);
    try {
      SystemIdentifier.renew(data);
    } catch (IOException failure) {
      throw new ServerException("Cannot number the data in " + data, failure);
    }
  }

  /** Gives a data folder to the user that servers run as. */
  void handOver(Path data) {
    privileges.handOver(data);
  }

  /** The command that runs the server of a data folder. */
  List<String> serverCommand(Path data, int port) {
    return privileges.command(
        List.of(binary("postgres"), "-D", data.toString(), "-p", Integer.toString(port)));
  }

  /** The folders of this home's servers, and their watchdog. */
  ServerHome servers() {
    return servers;
  }

  private void initialize(Path data) {
    privileges.handOver(data);
    List<String> command = new ArrayList<>(List.of(binary("initdb")));
    command.addAll(INITDB_OPTIONS);
    command.addAll(List.of("-D", data.toString()));
    Command.run(privileges.command(command));
  }

  private String binary(String name) {
    return binaries.resolve("bin").resolve(name).toString();
  }

  @Override
  public String toString() {
    return "PostgresHome[binaries=" + binaries + ", " + servers + "]";
  }
}
