package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CloseActionsTest {

  private final CloseActions closing = new CloseActions();
  private final List<String> done = new ArrayList<>();

  @Test
  void eachIsDoneOnceInTheOrderInWhichItCame() {
    closing.add(() -> done.add("a"));
    closing.add(() -> done.add("b"));
    assertThat(done).isEmpty();
    closing.run();
    closing.run();
    assertThat(done).containsExactly("a", "b");
  }

  @Test
  void whatComesAfterTheCloseIsDoneAtOnce() {
    closing.run();
    closing.add(() -> done.add("late"));
    assertThat(done).containsExactly("late");
  }

  @Test
  void whatFailsKeepsNoneOfTheOthersFromBeingDone() {
    IllegalStateException first = new IllegalStateException("first");
    IllegalStateException second = new IllegalStateException("second");
    closing.add(
        () -> {
          throw first;
        });
    closing.add(
        () -> {
          throw second;
        });
    closing.add(() -> done.add("c"));
    assertThatThrownBy(closing::run).isSameAs(first).hasSuppressedException(second);
    assertThat(done).containsExactly("c");
  }

  /** A listener of a registry that lacks a class, say. */
  @Test
  void norDoesAnErrorOrTheSameFailureAgain() {
    NoClassDefFoundError first = new NoClassDefFoundError("first");
    IllegalStateException second = new IllegalStateException("second");
    for (int i = 0; i < 2; i++) {
      closing.add(
          () -> {
            throw first;
          });
    }
    closing.add(
        () -> {
          throw second;
        });
    closing.add(() -> done.add("d"));
    assertThatThrownBy(closing::run).isSameAs(first).hasSuppressedException(second);
    assertThat(first.getSuppressed()).hasSize(1);
    assertThat(done).containsExactly("d");
    closing.run();
    assertThat(done).as("once").containsExactly("d");
  }

  @Test
  void whatAnActionAddsIsDoneToo() {
    closing.add(() -> closing.add(() -> done.add("from within")));
    closing.run();
    assertThat(done).containsExactly("from within");
    assertThat(closing).hasToString("CloseActions[closed]");
  }
}
