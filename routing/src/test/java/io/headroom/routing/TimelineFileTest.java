package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimelineFileTest {

  @TempDir Path folder;

  private Path path() {
    return folder.resolve("timelines");
  }

  @Test
  void remembersTheHighestOfEachClusterBeyondItsLife() throws IOException {
    TimelineStore store = TimelineStore.file(path());
    assertThat(store.highest("a")).isEmpty();
    store.remember("a", 2);
    store.remember("a", 1);
    store.remember("b of two words", 7);
    assertThat(store.highest("a")).hasValue(2);
    TimelineStore again = TimelineStore.file(path());
    assertThat(again.highest("a")).hasValue(2);
    assertThat(again.highest("b of two words")).hasValue(7);
    assertThat(again.highest("c")).isEmpty();
  }

  @Test
  void severalProcessesMayShareAFile() throws IOException {
    TimelineStore one = TimelineStore.file(path());
    TimelineStore other = TimelineStore.file(path());
    one.remember("a", 3);
    other.remember("a", 2);
    other.remember("b", 1);
    TimelineStore later = TimelineStore.file(path());
    assertThat(later.highest("a")).hasValue(3);
    assertThat(later.highest("b")).hasValue(1);
  }

  @Test
  void aLineWhoseWriterDidNotLiveToEndItIsIgnored() throws IOException {
    TimelineStore.file(path()).remember("a", 3);
    Files.writeString(path(), Files.readString(path()) + "\na 12");
    TimelineStore store = TimelineStore.file(path());
    assertThat(store.highest("a")).hasValue(3);
    store.remember("a", 4);
    assertThat(TimelineStore.file(path()).highest("a")).hasValue(4);
  }

  @Test
  void onlyWhatIsNewIsWritten() throws IOException {
    TimelineStore store = TimelineStore.file(path());
    store.remember("a", 3);
    String before = Files.readString(path());
    store.remember("a", 3);
    assertThat(Files.readString(path())).isEqualTo(before);
  }

  @Test
  void anotherFileIsNamed() throws IOException {
    Files.writeString(path(), "{\"shards\": 3}");
    assertThatThrownBy(() -> TimelineStore.file(path()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(path().toString())
        .hasMessageContaining("no file of timelines");
  }
}
