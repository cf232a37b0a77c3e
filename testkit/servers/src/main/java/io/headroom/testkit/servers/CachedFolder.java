package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that is made once and then used by every JVM of a user.
 *
 * <p>It is filled under a passing name and then renamed, so it exists whole or not at all; of
 * several JVMs that fill it at the same time, one wins and the others throw their copy away. Beside
 * the content lies a count of its files and bytes: one from which something is missing (those who
 * tidy temporary folders take single files) is made anew.
 */
final class CachedFolder {

  private static final Logger log = LoggerFactory.getLogger(CachedFolder.class);
  private static final String CONTENT = "content";
  private static final String COUNT = "count";

  private CachedFolder() {}

  /** Fills a new, empty folder. */
  interface Filler {
    void fill(Path content) throws IOException;
  }

  /**
   * Returns the content of a cached folder, filling it first when it is absent or damaged.
   *
   * @param cache the folder of all cached folders
   * @param name names the content and its version
   * @param privileges whose user is let through to the content
   * @param filler makes the content
   */
  static Path get(Path cache, String name, Privileges privileges, Filler filler) {
    Path folder = cache.resolve(name);
    try {
      if (!isWhole(folder)) {
        Path fresh = Files.createTempDirectory(cache, "." + name + "-");
        try {
          privileges.letThrough(fresh);
          Path content = Files.createDirectory(fresh.resolve(CONTENT));
          filler.fill(content);
          Files.writeString(fresh.resolve(COUNT), count(content));
          putInPlace(fresh, folder);
        } finally {
          Folders.delete(fresh);
        }
      }
      return folder.resolve(CONTENT);
    } catch (IOException failure) {
      throw new ServerException(
          "Cannot make " + folder + ": is the disk full, or the cache folder not yours?", failure);
    }
  }

  private static void putInPlace(Path fresh, Path folder) throws IOException {
    try {
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException occupied) {
      if (isWhole(folder)) {
        return; // Another JVM was quicker.
      }
      if (!Files.exists(folder)) {
        throw occupied;
      }
      log.warn("{} is damaged and is made anew", folder);
      // Moved aside first: a delete takes long enough for another JVM to look at half a folder.
      Path aside = fresh.resolve("damaged");
      Files.move(folder, aside, StandardCopyOption.ATOMIC_MOVE);
      Folders.delete(aside);
      Files.move(fresh, folder, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static boolean isWhole(Path folder) throws IOException {
    try {
      return Files.readString(folder.resolve(COUNT)).equals(count(folder.resolve(CONTENT)));
    } catch (NoSuchFileException absent) {
      return false;
    }
  }

  private static String count(Path content) throws IOException {
    long[] filesAndBytes = new long[2];
    Files.walkFileTree(
        content,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            filesAndBytes[0]++;
            filesAndBytes[1] += attributes.size();
            return FileVisitResult.CONTINUE;
          }
        });
    return filesAndBytes[0] + " files, " + filesAndBytes[1] + " bytes\n";
  }
}
