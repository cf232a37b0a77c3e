package io.headroom.testkit.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.routing.HistoryViolation.Promise;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Every kind of violation, planted; and what only looks like one. */
class HistoryCheckerTest {

  private final HistoryRecorder history = HistoryRecorder.create();

  private void writes(String client, long version) {
    history.write(client, "cart", version).acknowledged();
  }

  private void reads(String client, long version) {
    history.read(client, "cart").returned(version);
  }

  private List<Promise> broken() {
    return HistoryChecker.of(history).violations().stream().map(HistoryViolation::promise).toList();
  }

  @Test
  void nothingIsWrongWithAnEmptyHistory() {
    HistoryChecker.of(history).verify();
    assertThat(history.operations()).isEmpty();
  }

  @Test
  void aReadBehindTheOwnWriteIsFound() {
    history.write("alice", "cart", 1).on("postgres-0").acknowledged();
    history.write("alice", "cart", 2).on("postgres-0").acknowledged();
    history.read("alice", "cart").on("replica-2").returned(1);

    assertThatThrownBy(() -> HistoryChecker.of(history).verify())
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "1 broken promises in 3 operations (in brackets: when each began and ended, counted)\n"
                + "  READ_YOUR_WRITES: #2 alice writes version 2 of cart on postgres-0 (3..4), but"
                + " then #3 alice reads version 1 of cart on replica-2 (5..6)");
  }

  @Test
  void anotherClientMayReadBehindIt() {
    writes("alice", 1);
    writes("alice", 2);
    reads("bob", 1);

    assertThat(broken()).isEmpty();
  }

  @Test
  void aReadThatGoesBackIsFound() {
    writes("alice", 1);
    writes("alice", 2);
    reads("bob", 2);
    reads("bob", 0);

    assertThat(broken()).containsExactly(Promise.MONOTONIC_READS);
    assertThat(HistoryChecker.of(history).violations().get(0))
        .hasToString(
            "MONOTONIC_READS: #3 bob reads version 2 of cart (5..6), but then #4 bob reads version"
                + " 0 of cart (7..8)");
  }

  @Test
  void overlappingReadsMayComeInEitherOrder() {
    writes("alice", 1);
    PendingRead first = history.read("bob", "cart");
    PendingRead second = history.read("bob", "cart");
    second.returned(1);
    first.returned(0);

    assertThat(broken()).isEmpty();
  }

  @Test
  void aReadThatOverlapsTheWriteMayMissIt() {
    PendingRead read = history.read("alice", "cart");
    writes("alice", 1);
    read.returned(0);

    assertThat(broken()).isEmpty();
  }

  @Test
  void anUnknownWriteMayBeMissingOrThere() {
    history.write("alice", "cart", 1).unknown();
    reads("alice", 0);
    reads("alice", 1);
    history.write("bob", "bag", 1).unknown();
    history.endsWith("bag", 0);

    assertThat(broken()).isEmpty();
  }

  @Test
  void aLostWriteOfARegisterIsFound() {
    writes("alice", 1);
    writes("alice", 2);
    history.endsWith("cart", 1);

    assertThat(HistoryChecker.of(history).violations())
        .singleElement()
        .hasToString(
            "NO_LOST_WRITE: #2 alice writes version 2 of cart (3..4), but in the end there was"
                + " version 1");
  }

  @Test
  void aLostRowIsFoundAmongLaterOnes() {
    writes("alice", 1);
    writes("alice", 2);
    writes("alice", 3);
    history.write("alice", "cart", 4).unknown();
    history.endsWithAll("cart", List.of(1L, 3L));

    assertThat(HistoryChecker.of(history).violations())
        .singleElement()
        .hasToString(
            "NO_LOST_WRITE: #2 alice writes version 2 of cart (3..4), but in the end there was no"
                + " such version");
  }

  @Test
  void aVersionThatNobodyWroteIsFound() {
    reads("bob", 7);

    assertThat(HistoryChecker.of(history).violations())
        .singleElement()
        .hasToString(
            "NO_INVENTED_VERSION: no write of that version, but then #1 bob reads version 7 of cart"
                + " (1..2)");
  }

  @Test
  void aVersionOfAFailedWriteOrFromTheFutureIsFound() {
    history.write("alice", "cart", 1).failed();
    reads("bob", 1);
    reads("carol", 2);
    writes("alice", 2);

    assertThat(broken()).containsExactly(Promise.NO_INVENTED_VERSION, Promise.NO_INVENTED_VERSION);
  }

  @Test
  void readsWithoutAnswerCountForNothing() {
    writes("alice", 1);
    history.read("alice", "cart").failed();
    history.read("alice", "cart");

    assertThat(broken()).isEmpty();
    assertThat(history.operations().get(1)).asString().contains("FAILED");
    assertThat(history.operations().get(2)).asString().contains("UNKNOWN").contains("..open");
  }

  @Test
  void onlyTheFirstTenAreReported() {
    writes("alice", 1);
    for (int read = 0; read < 12; read++) {
      reads("alice", 0);
    }

    assertThatThrownBy(() -> HistoryChecker.of(history).verify())
        .hasMessageStartingWith("12 broken promises in 13 operations")
        .hasMessageEndingWith("and 2 more");
  }

  @Test
  void versionsThatDoNotGrowCannotBeJudged() {
    writes("alice", 2);
    writes("bob", 2);

    assertThatThrownBy(this::broken)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("#1 alice writes version 2 of cart (1..2) and #2 bob")
        .hasMessageEndingWith("give a key one writer at a time, and versions that grow");
  }

  @Test
  void writesThatOverlapCannotBeJudgedButAnAbandonedOneCan() {
    PendingWrite open = history.write("alice", "cart", 1);
    writes("bob", 2);
    assertThat(broken()).isEmpty();

    open.acknowledged();
    assertThatThrownBy(this::broken).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void misuseIsNamed() {
    assertThatThrownBy(() -> history.write("alice", "cart", 0))
        .hasMessage("version must be at least 1, was 0; 0 is what a read finds before any");
    PendingRead read = history.read("alice", "cart");
    assertThatThrownBy(() -> read.returned(-1))
        .hasMessage("version must not be negative, was -1; 0 says that nothing was found");
    read.failed();
    assertThatThrownBy(read::failed)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has ended already");
  }

  @Test
  void manyClientsMayRecordAtOnce() throws InterruptedException {
    int clients = 4;
    CountDownLatch together = new CountDownLatch(clients);
    ExecutorService pool = Executors.newFixedThreadPool(clients);
    for (int number = 0; number < clients; number++) {
      String client = "client-" + number;
      pool.execute(
          () -> {
            together.countDown();
            for (long version = 1; version <= 2000; version++) {
              history.write(client, client, version).acknowledged();
              history.read(client, client).returned(version);
            }
          });
    }
    pool.shutdown();

    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(history.operations()).hasSize(16_000);
    HistoryChecker.of(history).verify();
  }
}
