package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CachedFolderTest {

  @TempDir Path cache;

  private final AtomicInteger fillings = new AtomicInteger();

  @Test
  void isFilledOnce() throws IOException {
    Path first = get();
    assertThat(get()).isEqualTo(first);
    assertThat(fillings).hasValue(1);
    assertThat(first.resolve("deep/file")).hasContent("content");
    assertThat(entries()).containsExactly("thing-1");
  }

  @Test
  void isMadeAnewWhenAFileIsMissingOrShortened() throws IOException {
    Files.delete(get().resolve("deep/file"));
    assertThat(get().resolve("deep/file")).hasContent("content");
    Files.writeString(get().resolve("deep/file"), "con");
    assertThat(get().resolve("deep/file")).hasContent("content");
    Files.delete(cache.resolve("thing-1/count"));
    get();
    assertThat(fillings).hasValue(4);
    assertThat(entries()).containsExactly("thing-1");
  }

  @Test
  void aFailedFillingLeavesNothingBehind() throws IOException {
    CachedFolder.Filler full =
        content -> {
          Files.writeString(content.resolve("half"), "half");
          throw new IOException("No space left on device");
        };
    assertThatThrownBy(() -> CachedFolder.get(cache, "thing-1", Privileges.KEPT, full))
        .isInstanceOf(ServerException.class)
        .hasMessageContaining("thing-1")
        .hasRootCauseMessage("No space left on device");
    assertThat(entries()).isEmpty();
  }

  @Test
  void theLoserOfARaceUsesTheWinnersContent() throws IOException {
    Path content =
        CachedFolder.get(
            cache,
            "thing-1",
            Privileges.KEPT,
            mine -> {
              get(); // Another JVM begins later and ends sooner.
              fill(mine);
            });
    assertThat(content.resolve("deep/file")).hasContent("content");
    assertThat(fillings).hasValue(2);
    assertThat(entries()).containsExactly("thing-1");
  }

  private Path get() {
    return CachedFolder.get(cache, "thing-1", Privileges.KEPT, this::fill);
  }

  private void fill(Path content) throws IOException {
    fillings.incrementAndGet();
    Files.createDirectory(content.resolve("deep"));
    Files.writeString(content.resolve("deep/file"), "content");
  }

  private Stream<String> entries() throws IOException {
    try (Stream<Path> entries = Files.list(cache)) {
      return entries.map(entry -> entry.getFileName().toString()).toList().stream();
    }
  }
}
