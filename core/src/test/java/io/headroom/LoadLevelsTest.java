package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadLevelsTest {

  private final LoadLevels levels = new LoadLevels();
  private final List<String> heard = new ArrayList<>();

  @Test
  void aHotResourceLeavesTheOthersAlone() {
    levels.set("shard-07", LoadLevel.HIGH);

    assertThat(levels.level("shard-07")).isEqualTo(LoadLevel.HIGH);
    assertThat(levels.level("shard-08")).isEqualTo(LoadLevel.NORMAL);
    assertThat(LoadSignal.normal().level("shard-07")).isEqualTo(LoadLevel.NORMAL);
  }

  @Test
  void listenersHearOfChangesOnly() {
    LoadLevels.Listener listener =
        (resource, from, to) -> heard.add(resource + " " + from + " " + to);
    levels.set("a", LoadLevel.HIGH);
    levels.addListener(listener);
    levels.set("a", LoadLevel.HIGH);
    levels.set("b", LoadLevel.NORMAL);
    levels.set("a", LoadLevel.ELEVATED);
    levels.set("a", LoadLevel.NORMAL);
    levels.set("a", LoadLevel.NORMAL);
    levels.removeListener(listener);
    levels.set("a", LoadLevel.CRITICAL);

    assertThat(heard).containsExactly("a HIGH ELEVATED", "a ELEVATED NORMAL");
  }

  @Test
  void aListenerThatFailsStopsNeitherTheCallerNorTheOthers() {
    levels.addListener(
        (resource, from, to) -> {
          throw new IllegalStateException("on purpose");
        });
    levels.addListener((resource, from, to) -> heard.add(resource));
    levels.set("a", LoadLevel.HIGH);

    assertThat(heard).containsExactly("a");
    assertThat(levels.level("a")).isEqualTo(LoadLevel.HIGH);
  }

  @Test
  void whatIsNullIsNamed() {
    assertThatThrownBy(() -> levels.set(null, LoadLevel.HIGH))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("resource must not be null");
    assertThatThrownBy(() -> levels.set("shard-07", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("level of resource 'shard-07' must not be null; NORMAL clears it");
    assertThatThrownBy(() -> levels.level(null)).hasMessage("resource must not be null");
  }

  @Test
  void levelsCompare() {
    assertThat(LoadLevel.HIGH.atLeast(LoadLevel.HIGH)).isTrue();
    assertThat(LoadLevel.CRITICAL.atLeast(LoadLevel.HIGH)).isTrue();
    assertThat(LoadLevel.ELEVATED.atLeast(LoadLevel.HIGH)).isFalse();
  }
}
