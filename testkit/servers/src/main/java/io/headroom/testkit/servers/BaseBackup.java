package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A copy of a running server's data folder, from which a replica starts.
 *
 * <p>The jars of binaries have no pg_basebackup, so this does what its manual page, "Making a Base
 * Backup Using the Low Level API", says: files are copied while they change, and the write-ahead
 * log from the start of the backup on, which a replication slot must keep, repairs them.
 */
final class BaseBackup {

  /** Folders whose content belongs to the running server (basebackup.c, excludeDirContents). */
  private static final Set<String> KEPT_EMPTY =
      Set.of(
          "pg_wal",
          "pg_replslot",
          "pg_dynshmem",
          "pg_notify",
          "pg_serial",
          "pg_snapshots",
          "pg_stat_tmp",
          "pg_subtrans");

  private BaseBackup() {}

  /** Makes the folder, with the mode that PostgreSQL demands, and fills it. */
  static void take(Session session, Path target) {
    Path source = session.server().dataFolder();
    try {
      session.value("SELECT pg_backup_start('headroom', true)");
      copy(source, target);
      List<String> stopped = session.row("SELECT labelfile, spcmapfile FROM pg_backup_stop(false)");
      if (!stopped.get(1).isBlank()) {
        throw new ServerException(
            session.server() + " has tablespaces, which a replica cannot share: drop them first");
      }
      Files.writeString(target.resolve("backup_label"), stopped.get(0));
      // ALTER SYSTEM was meant for that server alone.
      Files.writeString(target.resolve("postgresql.auto.conf"), "");
    } catch (IOException failure) {
      throw new ServerException("Cannot copy " + source, failure);
    }
  }

  private static void copy(Path source, Path target) throws IOException {
    Files.walkFileTree(
        source,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
              throws IOException {
            if (isTemporary(folder)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.copy(folder, in(folder), StandardCopyOption.COPY_ATTRIBUTES);
            boolean top = source.equals(folder.getParent());
            return top && KEPT_EMPTY.contains(String.valueOf(folder.getFileName()))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (!isTemporary(file)) {
              try {
                Files.copy(
                    file, in(file), StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
              } catch (NoSuchFileException dropped) {
                // A table was dropped meanwhile: the write-ahead log says so too.
              }
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (failure instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw failure;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null && !(failure instanceof NoSuchFileException)) {
              throw failure;
            }
            return FileVisitResult.CONTINUE;
          }

          private Path in(Path original) {
            return target.resolve(source.relativize(original).toString());
          }
        });
  }

  private static boolean isTemporary(Path path) {
    String name = String.valueOf(path.getFileName());
    return name.startsWith("postmaster.") || name.startsWith("pgsql_tmp");
  }
}
