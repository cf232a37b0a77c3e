package io.headroom.sharding;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A shard map in a JSON file, as {@link ShardMap#toJson} writes it.
 *
 * <pre>{@code
 * FileShardMapStore store =
 *     FileShardMapStore.builder(Path.of("shard-map.json"))
 *         .pollInterval(Duration.ofSeconds(1))
 *         .build();
 * }</pre>
 *
 * <p>A new map is written beside the file, forced to disk, and renamed onto it, so that a reader
 * sees the old map or the new one, and a crash loses neither; what a crashed writer left beside the
 * file, the next one deletes. Writers of several processes take turns by a lock on {@code
 * <file>.lock}, which stays; it works on file systems that honour locks across processes, so not on
 * every network file system. Thread-safe.
 */
public final class FileShardMapStore implements ShardMapStore {

  /**
   * One writer at a time in this process: the file lock is the whole process's, and closing any
   * channel to the lock file would release it. One lock for all files will do, since maps change
   * rarely.
   */
  private static final ReentrantLock WRITERS = new ReentrantLock();

  /** UTF-8 takes at most three bytes for a char. */
  private static final long MAX_BYTES = 3L * JsonReader.MAX_LENGTH;

  /** What {@link #write} puts behind the file's name and a dot. */
  private static final Pattern TEMPORARY =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.tmp");

  private static final Logger LOG = LoggerFactory.getLogger(ShardMapStore.class);

  private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(10);
  private static final long LOCK_RETRY_NANOS = Duration.ofMillis(5).toNanos();

  private final Path path;
  private final StorePoller poller;

  private FileShardMapStore(Builder builder) {
    this.path = builder.path.toAbsolutePath();
    this.poller = new StorePoller(toString(), builder.pollInterval, FileSource::new);
  }

  /**
   * Starts to build a store.
   *
   * @param path the file; it need not exist yet, its folder must
   * @return a builder
   */
  public static Builder builder(Path path) {
    return new Builder(path);
  }

  @Override
  public Optional<ShardMap> current() {
    String json;
    try {
      requireReadableSize(Files.size(path));
      json = Files.readString(path);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (CharacterCodingException e) {
      throw new ShardMapException(
          this + " holds no valid map: it is not UTF-8, cut off or damaged: take a whole copy", e);
    } catch (IOException e) {
      throw new ShardMapStoreException(
          this + " cannot be read: " + e + "; check the path and its permissions", e);
    }
    try {
      return Optional.of(ShardMap.parse(json));
    } catch (ShardMapException e) {
      throw new ShardMapException(this + " holds no valid map: " + e.getMessage(), e);
    }
  }

  /** Before reading: a file too large for memory must not take the process down. */
  private void requireReadableSize(long bytes) {
    if (bytes > MAX_BYTES) {
      throw new ShardMapException(
          this
              + " holds no valid map: it has "
              + bytes
              + " bytes, and up to "
              + MAX_BYTES
              + " are read; is it the right file?");
    }
  }

  @Override
  public boolean compareAndSet(long expectedEpoch, ShardMap next) {
    MapChecks.requireHigher(expectedEpoch, next);
    WRITERS.lock();
    try (FileChannel channel =
            FileChannel.open(
                sibling(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = acquire(channel)) {
      long present = current().map(ShardMap::epoch).orElse(0L);
      if (!lock.isValid() || present != expectedEpoch) {
        return false;
      }
      deleteLeftovers();
      write(next);
      return true;
    } catch (IOException e) {
      throw new ShardMapStoreException(
          this + " cannot be written: " + e + "; check the folder, its permissions and space", e);
    } finally {
      WRITERS.unlock();
    }
  }

  private FileLock acquire(FileChannel channel) throws IOException {
    for (long waited = 0; waited < LOCK_TIMEOUT.toNanos(); waited += LOCK_RETRY_NANOS) {
      FileLock lock = tryLock(channel);
      if (lock != null) {
        return lock;
      }
      LockSupport.parkNanos(LOCK_RETRY_NANOS);
    }
    throw new ShardMapStoreException(
        this + " is locked by another process since " + LOCK_TIMEOUT + "; which one hangs?");
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held in this process, by this class as another class loader has it
    }
  }

  /**
   * Deletes what writers that crashed have left. Under the lock no other writer is at work, and
   * only names that {@link #write} makes for this very file are touched.
   */
  private void deleteLeftovers() {
    String prefix = path.getFileName() + ".";
    try (DirectoryStream<Path> leftovers =
        Files.newDirectoryStream(
            Objects.requireNonNull(path.getParent()),
            file -> isTemporary(file.getFileName().toString(), prefix))) {
      for (Path leftover : leftovers) {
        Files.deleteIfExists(leftover);
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.debug("{}: files that a crashed writer left could not be deleted", this, e);
    }
  }

  private static boolean isTemporary(String name, String prefix) {
    return name.startsWith(prefix) && TEMPORARY.matcher(name.substring(prefix.length())).matches();
  }

  private void write(ShardMap next) throws IOException {
    Path folder = Objects.requireNonNull(path.getParent());
    // a name of its own, but with the permissions that the folder's other files get
    Path temporary = sibling("." + UUID.randomUUID() + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(next.toJson().getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    forceFolder(folder);
  }

  /** Makes the rename itself durable, where folders can be opened for that: not on Windows. */
  private static void forceFolder(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // the map is in place; only a power cut in the next seconds could still undo the rename
    }
  }

  private Path sibling(String suffix) {
    return path.resolveSibling(path.getFileName() + suffix);
  }

  @Override
  public Watch watch(Observer observer) {
    return poller.watch(observer);
  }

  @Override
  public void close() {
    poller.close();
  }

  @Override
  public String toString() {
    return "shard map file " + path;
  }

  private final class FileSource implements StorePoller.Source {

    @Override
    public StorePoller.Reading read(@Nullable Object seen) {
      try {
        // stamp first: a file replaced in between is read again, and none is missed
        BasicFileAttributes file = Files.readAttributes(path, BasicFileAttributes.class);
        // each rename brings a file of its own
        Object stamp = Arrays.asList(file.fileKey(), file.lastModifiedTime(), file.size());
        return new StorePoller.Reading(stamp, stamp.equals(seen) ? null : requireMap());
      } catch (NoSuchFileException e) {
        throw new ShardMapStoreException(FileShardMapStore.this + " is missing", e);
      } catch (IOException e) {
        throw new ShardMapStoreException(FileShardMapStore.this + " cannot be read: " + e, e);
      }
    }

    private ShardMap requireMap() throws NoSuchFileException {
      Optional<ShardMap> map = current();
      if (map.isEmpty()) {
        throw new NoSuchFileException(path.toString());
      }
      return map.get();
    }

    @Override
    public boolean await(long nanos) throws InterruptedException {
      return StorePoller.park(nanos);
    }

    @Override
    public void release() {
      // nothing is held between reads
    }
  }

  /** Options of a file store. Not thread-safe. */
  public static final class Builder {

    private final Path path;
    private @Nullable Duration pollInterval;

    private Builder(Path path) {
      this.path = Objects.requireNonNull(path, "path must not be null");
    }

    /**
     * Sets how often a watched file is looked at, five seconds unless set, with 20 % of jitter.
     *
     * @param interval from 10 milliseconds to a day
     * @return this
     * @throws IllegalArgumentException if it is out of range
     * @throws IllegalStateException if it is set already
     */
    public Builder pollInterval(Duration interval) {
      this.pollInterval =
          StorePoller.requireInterval(
              Options.once("store", "pollInterval", this.pollInterval, interval));
      return this;
    }

    /**
     * Builds the store; touches no file yet.
     *
     * @return the store
     */
    public FileShardMapStore build() {
      return new FileShardMapStore(this);
    }
  }
}
