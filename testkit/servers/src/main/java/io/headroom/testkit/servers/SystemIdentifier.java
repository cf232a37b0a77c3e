package io.headroom.testkit.servers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32C;

/**
 * The number by which PostgreSQL tells database clusters apart ({@code pg_control_system()}).
 *
 * <p>initdb makes it; copies of one data folder share it. Replication then mistakes unrelated
 * servers for copies of each other, and a test that confuses two of them passes. A copied folder
 * therefore gets a number of its own, as {@code pg_createsubscriber} does it: in the control file
 * (PostgreSQL's src/include/catalog/pg_control.h), where it comes first and a CRC-32C last, and in
 * the long header of each write-ahead log segment (src/include/access/xlog_internal.h).
 */
final class SystemIdentifier {

  private static final int IDENTIFIER_IN_SEGMENT = 24;
  private static final int CONTROL_DATA_LIMIT = 512;
  private static final int SMALLEST_CHECKSUM_OFFSET = 64;

  private SystemIdentifier() {}

  /** Gives the data folder of a server that does not run a new, random number. */
  static void renew(Path data) throws IOException {
    long identifier = ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE);
    renewControlFile(data.resolve("global").resolve("pg_control"), identifier);
    try (DirectoryStream<Path> segments =
        Files.newDirectoryStream(data.resolve("pg_wal"), name -> isSegment(name))) {
      for (Path segment : segments) {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        bytes.putLong(0, identifier);
        write(segment, bytes, IDENTIFIER_IN_SEGMENT);
      }
    }
  }

  private static void renewControlFile(Path file, long identifier) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    ByteBuffer control = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    // Versions differ in what lies before the checksum: it is where the checksum is right.
    int offset = SMALLEST_CHECKSUM_OFFSET;
    while (control.getInt(offset) != checksum(bytes, offset)) {
      offset += Integer.BYTES;
      if (offset > CONTROL_DATA_LIMIT) {
        throw new IOException(file + " has no checksum in its first " + offset + " bytes");
      }
    }
    control.putLong(0, identifier);
    control.putInt(offset, checksum(bytes, offset));
    write(file, control, 0);
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes, 0, length);
    return (int) checksum.getValue();
  }

  private static boolean isSegment(Path file) {
    return file.getFileName().toString().matches("[0-9A-F]{24}");
  }

  /** Writes into the file as it is: it keeps owner and mode. */
  private static void write(Path file, ByteBuffer bytes, long position) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      long at = position;
      while (bytes.hasRemaining()) {
        at += channel.write(bytes, at);
      }
    }
  }
}
