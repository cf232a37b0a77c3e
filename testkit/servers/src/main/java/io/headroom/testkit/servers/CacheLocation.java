package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where unpacked binaries are kept from one JVM to the next. */
final class CacheLocation {

  /** The system property that overrides the place. */
  static final String PROPERTY = "headroom.testkit.cache";

  private CacheLocation() {}

  /** Finds the first of the usual places that can be written to. */
  static Path find(Privileges privileges) {
    String chosen = System.getProperty(PROPERTY);
    if (chosen != null) {
      return made(Path.of(chosen), privileges);
    }
    // The user nobody cannot look into root's home.
    if (privileges != Privileges.NOBODY) {
      try {
        return made(userCache().resolve("headroom-testkit"), privileges);
      } catch (ServerException homeless) {
        // A user without a writable home, as in many containers: the next place will do.
      }
    }
    return made(inTemporaryFolder(), privileges);
  }

  private static Path userCache() {
    // A user without an entry in /etc/passwd has the home "?".
    Path home = Path.of(System.getProperty("user.home"));
    if (!home.isAbsolute()) {
      return inTemporaryFolder();
    }
    String xdg = System.getenv("XDG_CACHE_HOME");
    if (xdg != null && !xdg.isBlank()) {
      return Path.of(xdg);
    }
    return Platform.current().system().equals("darwin")
        ? home.resolve("Library").resolve("Caches")
        : home.resolve(".cache");
  }

  private static Path inTemporaryFolder() {
    String user = System.getProperty("user.name");
    return Path.of(System.getProperty("java.io.tmpdir")).resolve("headroom-testkit-" + user);
  }

  private static Path made(Path folder, Privileges privileges) {
    try {
      Files.createDirectories(folder);
      privileges.letThrough(folder);
      // Programs are run from here: a folder that another user has prepared is refused.
      Path mine = Files.createTempFile(folder, ".mine", "");
      boolean owned = Files.getOwner(mine).equals(Files.getOwner(folder));
      Files.delete(mine);
      if (!owned) {
        throw new IOException(folder + " belongs to " + Files.getOwner(folder));
      }
    } catch (IOException failure) {
      throw unusable(folder, failure);
    }
    return folder.toAbsolutePath();
  }

  private static ServerException unusable(Path folder, IOException cause) {
    return new ServerException(
        "Cannot use " + folder + " as a cache: set -D" + PROPERTY + " to a folder of yours", cause);
  }
}
