package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Who waits for a load. */
class LoadTest {

  private static final int MANY = 1_000;

  private final Standing standing = Standing.alone(0);
  private final Load<String> load = new Load<>(standing, 0, null, null);
  private final Entry<String> entry = new Entry<>("value", standing, 1, 0);

  @Test
  void whoeverWaitsHearsOfItsEnd() {
    CompletableFuture<Entry<String>> before = load.result(Patience.FOREVER);
    assertThat(before).isNotDone();
    load.ends(entry, Served.LOADED);
    assertThat(before).isCompletedWithValue(entry);
    assertThat(load.result(Patience.FOREVER)).isCompletedWithValue(entry);
  }

  @Test
  void andOfItsFailureWhateverTheReasonForThat() {
    Exception cause = new IllegalStateException("of the loader", new TimeoutException("below"));
    CompletableFuture<Entry<String>> before = load.result(Patience.FOREVER);
    load.fails(cause, false);
    for (CompletableFuture<Entry<String>> one : List.of(before, load.result(Patience.FOREVER))) {
      assertThatThrownBy(one::join).hasCause(cause);
    }
  }

  @Test
  void toCancelLeavesTheOthersWaiting() {
    CompletableFuture<Entry<String>> one = load.result(Patience.FOREVER);
    CompletableFuture<Entry<String>> other = load.result(Patience.FOREVER);
    one.cancel(true);
    assertThat(other).isNotDone();
    load.ends(entry, Served.LOADED);
    assertThat(other).isCompletedWithValue(entry);
  }

  @Test
  void nothingIsLeftOfThoseWhoHaveGivenUpWhileItHangs() {
    List<WeakReference<Throwable>> left = new ArrayList<>();
    Stream.generate(() -> load.result(1))
        .limit(MANY)
        .forEach(
            waiter ->
                assertThatThrownBy(waiter::join)
                    .satisfies(late -> left.add(new WeakReference<>(late.getCause())))
                    .hasCauseInstanceOf(TimeoutException.class));
    assertThat(load.result().getNumberOfDependents()).isZero();
    Awaitility.await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(left).filteredOn(one -> one.get() != null).isEmpty();
            });
    assertThat(load.result()).isNotDone();
  }
}
