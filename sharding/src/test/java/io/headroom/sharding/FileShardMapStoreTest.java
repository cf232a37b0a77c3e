package io.headroom.sharding;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileShardMapStoreTest extends ShardMapStoreContract {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void nameFile() {
    file = folder.resolve("shard-map.json");
  }

  @Override
  ShardMapStore open() {
    return FileShardMapStore.builder(file).pollInterval(Duration.ofMillis(20)).build();
  }

  @Test
  void twoProcessesWriteOneFile() throws Exception {
    int epochs = 60;
    store().compareAndSet(0, FIRST);
    List<Process> writers = List.of(fork(epochs), fork(epochs));
    List<Long> won = new ArrayList<>();
    for (Process writer : writers) {
      String output = new String(writer.getInputStream().readAllBytes(), UTF_8);
      assertThat(writer.waitFor()).as(output).isZero();
      output.lines().map(Long::valueOf).forEach(won::add);
    }
    assertThat(won).doesNotHaveDuplicates().hasSize(epochs);
    assertThat(store().current().orElseThrow().pins()).hasSize(epochs);
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left)
          .extracting(path -> path.getFileName().toString())
          .containsExactlyInAnyOrder("shard-map.json", "shard-map.json.lock");
    }
  }

  private Process fork(int epochs) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            MapWriter.class.getName(),
            file.toString(),
            Integer.toString(epochs))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  void aRouterKeepsItsMapWhateverBecomesOfTheFile() throws Exception {
    ShardMapStore store = store();
    store.compareAndSet(0, SECOND);
    RecordingListener listener = new RecordingListener();
    try (ShardRouter<Long> router =
        ShardRouter.builder(ShardStrategy.hashedLongs()).store(store).listener(listener).build()) {
      String json = SECOND.toJson();
      refuses(router, listener, json.substring(0, json.length() / 2), "no valid map");
      refuses(router, listener, json.replace("\"a\"", "\"x\""), "no valid map");
      refuses(router, listener, newer(json), "format");
      refuses(router, listener, FIRST.toJson(), "epoch 1");
      refuses(router, listener, SECOND_OTHER.toJson(), "fingerprint");
      refuses(router, listener, "", "no valid map");
      Files.delete(file);
      await().untilAsserted(() -> assertThat(listener.lost).hasSize(7));
      assertThat(listener.lost.get(6)).hasMessageContaining("missing");
      assertThat(router.map()).isEqualTo(SECOND);
      assertThat(listener.changes).isEmpty();
    }
  }

  private static final ShardMap EIGHTH = ShardMap.builder().shard("a").epoch(8).build();
  private static final ShardMap SECOND_OTHER = FIRST.withPin(1L, "b");

  private static String newer(String json) {
    String edited = json.replaceFirst("(\"format\"\\s*:\\s*)1", "$199");
    assertThat(edited).isNotEqualTo(json);
    return edited;
  }

  /** Spoils the file, sees it refused once, and mends it. */
  private void refuses(
      ShardRouter<Long> router, RecordingListener listener, String content, String reason)
      throws IOException {
    int lost = listener.lost.size();
    int back = listener.back.size();
    replace(content);
    await().untilAsserted(() -> assertThat(listener.lost).hasSize(lost + 1));
    assertThat(listener.lost.get(lost)).hasMessageContaining(reason);
    assertThat(router.map()).isEqualTo(SECOND);
    replace(SECOND.toJson());
    await().untilAsserted(() -> assertThat(listener.back).hasSize(back + 1));
    assertThat(listener.lost).hasSize(lost + 1);
  }

  private void replace(String content) throws IOException {
    Path temporary = Files.writeString(folder.resolve("new"), content);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void whatACrashedWriterLeftIsDeletedByTheNextOneAndNothingElse() throws Exception {
    String uuid = ".0d4c5f1e-0c5d-4a32-9d36-6f1f4f4f9d10.tmp";
    Path leftover = Files.writeString(folder.resolve("shard-map.json" + uuid), "{");
    List<String> others =
        List.of(
            "other.json" + uuid,
            "shard-map.json.tmp",
            "shard-map.json.backup",
            "shard-map.json" + uuid + ".old",
            "shard-map.json.0d4c5f1e.tmp");
    for (String other : others) {
      Files.writeString(folder.resolve(other), "kept");
    }
    ShardMapStore store = store();
    assertThat(store.current()).isEmpty();
    assertThat(leftover).as("readers delete nothing").exists();
    assertThat(store.compareAndSet(7, EIGHTH)).as("nor does a writer that has lost").isFalse();
    assertThat(leftover).exists();
    assertThat(store.compareAndSet(0, FIRST)).isTrue();
    assertThat(leftover).doesNotExist();
    assertThat(others).allSatisfy(other -> assertThat(folder.resolve(other)).hasContent("kept"));
    assertThat(store.current()).contains(FIRST);
  }

  @Test
  void aLeftoverThatCannotBeDeletedStopsNoWriter() throws Exception {
    Path folderOfThatName =
        folder.resolve("shard-map.json.0d4c5f1e-0c5d-4a32-9d36-6f1f4f4f9d10.tmp");
    Files.createDirectory(folderOfThatName);
    Files.writeString(folderOfThatName.resolve("file"), "kept");
    assertThat(store().compareAndSet(0, FIRST)).isTrue();
    assertThat(store().current()).contains(FIRST);
    assertThat(folderOfThatName.resolve("file")).exists();
  }

  @Test
  void aCorruptFileIsNotOverwritten() throws Exception {
    Files.writeString(file, "{");
    ShardMapStore store = store();
    assertThatThrownBy(store::current)
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(() -> store.compareAndSet(0, FIRST)).isInstanceOf(ShardMapException.class);
    assertThat(file).hasContent("{");
  }

  @Test
  void aFileCutOffWithinACharacterIsNoValidMap() throws Exception {
    byte[] json = ShardMap.of("größe").toJson().getBytes(UTF_8);
    int within = new String(json, UTF_8).indexOf('ö') + 1;
    Files.write(file, Arrays.copyOf(json, within));
    assertThatThrownBy(store()::current)
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("cut off or damaged");
  }

  @Test
  void aFileThatIsFarTooLargeIsNotRead() throws Exception {
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(3L * JsonReader.MAX_LENGTH + 1);
    }
    assertThatThrownBy(store()::current)
        .isInstanceOf(ShardMapException.class)
        .hasMessageContaining("201326593 bytes")
        .hasMessageContaining("is it the right file?");
  }

  @Test
  void aLockThatIsHeldInThisProcessIsWaitedFor() throws Exception {
    ShardMapStore store = store();
    AtomicBoolean won = new AtomicBoolean();
    Thread writer = new Thread(() -> won.set(store.compareAndSet(0, FIRST)));
    try (FileChannel channel =
            FileChannel.open(
                folder.resolve("shard-map.json.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock held = channel.lock()) {
      writer.start();
      await().until(() -> writer.getState() == Thread.State.TIMED_WAITING);
      assertThat(held.isValid()).isTrue();
      assertThat(file).doesNotExist();
    }
    writer.join();
    assertThat(won).isTrue();
    assertThat(store.current()).contains(FIRST);
  }

  @Test
  void aFolderThatIsMissingIsNamed() {
    ShardMapStore store = ShardMapStore.file(folder.resolve("none").resolve("map.json"));
    assertThatThrownBy(() -> store.compareAndSet(0, FIRST))
        .isInstanceOf(ShardMapStoreException.class)
        .hasMessageContaining("none");
    assertThat(store.current()).isEmpty();
    ShardMapStore onFolder = ShardMapStore.file(folder);
    assertThatThrownBy(onFolder::current)
        .isInstanceOf(ShardMapStoreException.class)
        .hasMessageContaining("cannot be read");
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> FileShardMapStore.builder(file).pollInterval(Duration.ZERO))
        .hasMessageContaining("pollInterval must be PT0.01S to PT24H, was PT0S");
    assertThatThrownBy(
            () ->
                FileShardMapStore.builder(file)
                    .pollInterval(Duration.ofSeconds(1))
                    .pollInterval(Duration.ofSeconds(2)))
        .hasMessage("store: pollInterval is set twice: set it once");
  }
}
