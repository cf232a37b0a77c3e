package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What loads are to see of what was invalidated, of many keys and at once. */
class RecentInvalidationsTest {

  private static final Duration WINDOW = Duration.ofSeconds(10);

  private final HandTime time = new HandTime();
  private final RecentInvalidations<String> recent =
      new RecentInvalidations<>(WINDOW, WINDOW, time, 10);

  private static ConsistencyToken token(long position) {
    return ConsistencyToken.of("orders", 1, position);
  }

  @Test
  void whatThereIsNoRoomForIsSeenByAllLoadsForAWhile() {
    for (int i = 0; i < 200; i++) {
      recent.begins("key-" + i, token(i), i + 1);
      recent.ends("key-" + i, i + 1, null);
    }
    for (int i = 0; i < 200; i++) {
      ConsistencyToken seen = recent.seen("key-" + i);
      assertThat(seen).isNotNull();
      assertThat(seen.position("orders").orElseThrow().position()).isGreaterThanOrEqualTo(i);
    }
    time.advance(WINDOW);
    assertThat(recent.seen("key-1")).isNull();
    assertThat(recent.seen("key-199")).isNull();
  }

  @Test
  void whatIsOpenAndHasNoRoomIsSeenByAllToo() {
    for (int i = 0; i <= 10_000; i++) {
      recent.begins("key-" + i, token(i), i + 1);
    }
    assertThat(recent.hasOverflowed()).isTrue();
    assertThat(recent.seen("key-10000")).isEqualTo(token(10_000));
  }

  @Test
  void ofTwoThatInvalidateAKeyAtOnceBothAreSeen() {
    recent.begins("a", token(200), 1);
    recent.begins("a", token(100), 2);
    recent.ends("a", 1, null);
    recent.ends("a", 2, null);
    assertThat(recent.seen("a")).isEqualTo(token(200));
  }

  @Test
  void whereAnybodyWroteWithoutATokenNobodyKnows() {
    recent.begins("a", token(200), 1);
    recent.allSee(SharedRead.WRITER_UNKNOWN);
    assertThat(recent.seen("a")).isEqualTo(SharedRead.WRITER_UNKNOWN);
    assertThat(recent.seen("b")).isEqualTo(SharedRead.WRITER_UNKNOWN);
    time.advance(WINDOW);
    assertThat(recent.seen("b")).isNull();
  }
}
