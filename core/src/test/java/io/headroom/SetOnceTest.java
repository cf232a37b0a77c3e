package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class SetOnceTest {

  private final SetOnce once = new SetOnce("cache 'books'");

  @Test
  void aSecondValueIsRefusedByTheNameOfTheOption() {
    once.setting("timeout");
    assertThatCode(() -> once.setting("weight")).doesNotThrowAnyException();
    assertThatThrownBy(() -> once.setting("timeout"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("cache 'books': timeout is set twice: set it once");
  }

  @Test
  void itTellsWhatIsSet() {
    assertThat(once.has("timeout")).isFalse();
    once.setting("timeout");
    assertThat(once.has("timeout")).isTrue();
    assertThat(once).hasToString("cache 'books' with [timeout]");
  }

  @Test
  void whoKnowsItByTheOptionItselfSaysTheSame() {
    SetOnce.refuseSecond("budget", "processes", false);
    assertThatThrownBy(() -> SetOnce.refuseSecond("budget", "processes", true))
        .hasMessage("budget: processes is set twice: set it once");
  }
}
