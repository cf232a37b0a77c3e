package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the servers of one product live in this JVM: their folders, and their watchdog. */
final class ServerHome {

  private final Privileges privileges;
  private final Path servers;
  private final Watchdog watchdog;

  /**
   * Makes a folder for folders, and starts a watchdog.
   *
   * @param product names the folder
   * @param privileges whose user is let through to the folders
   * @param lastSignal what a server is sent first when the JVM has gone
   */
  ServerHome(String product, Privileges privileges, String lastSignal) {
    this.privileges = privileges;
    try {
      this.servers = Files.createTempDirectory("headroom-" + product + "-");
    } catch (IOException failure) {
      throw new ServerException(
          "Cannot make a folder in " + System.getProperty("java.io.tmpdir"), failure);
    }
    privileges.letThrough(servers);
    this.watchdog = new Watchdog(servers, lastSignal);
  }

  /** Makes a folder for a server, empty. */
  Path newServerFolder(String name) {
    try {
      Path folder = Files.createTempDirectory(servers, name + "-");
      privileges.letThrough(folder);
      return folder;
    } catch (IOException failure) {
      throw new ServerException("Cannot make a folder in " + servers, failure);
    }
  }

  Watchdog watchdog() {
    return watchdog;
  }

  @Override
  public String toString() {
    return "ServerHome[" + servers + ", " + watchdog + "]";
  }
}
