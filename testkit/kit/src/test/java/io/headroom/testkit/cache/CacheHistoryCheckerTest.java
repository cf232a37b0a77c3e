package io.headroom.testkit.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.ManualTime;
import io.headroom.testkit.cache.CacheViolation.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Every kind of violation, planted; and what only looks like one. */
class CacheHistoryCheckerTest {

  private static final Duration PROPAGATION = Duration.ofMillis(100);
  private static final Duration MAX_STALENESS = Duration.ofSeconds(60);

  private final ManualTime time = ManualTime.create();
  private final CacheHistory history = CacheHistory.create(time::nanoTime);

  private CacheHistoryChecker checker() {
    return CacheHistoryChecker.of(history).propagation(PROPAGATION).maximumStaleness(MAX_STALENESS);
  }

  private List<Promise> broken() {
    return checker().violations().stream().map(CacheViolation::promise).toList();
  }

  private void pass(long millis) {
    time.advance(Duration.ofMillis(millis));
  }

  private void writes(long version) {
    history.write("cart", version).committed();
  }

  private CacheInvalidation invalidates(String process) {
    CacheInvalidation invalidation = history.invalidation(process, "cart");
    invalidation.returned();
    return invalidation;
  }

  private void reads(String process, long version) {
    history.read(process, "cart").returned(version);
  }

  /** Version 1, then 2, which {@code a} invalidates. */
  private CacheInvalidation secondVersionInvalidatedByA() {
    writes(1);
    writes(2);
    return invalidates("a");
  }

  @Test
  void nothingIsWrongWithAnEmptyHistory() {
    checker().verify();
  }

  @Test
  void anOldVersionInTheOwnProcessIsFoundThoughTheClockStoodStill() {
    pass(3);
    secondVersionInvalidatedByA();
    reads("a", 2);
    reads("a", 1);

    assertThatThrownBy(() -> checker().verify())
        .isInstanceOf(AssertionError.class)
        .hasMessage(
            "1 broken promises in 2 reads (in brackets: when each began and ended)\n"
                + "  OWN_PROCESS: invalidation of cart by a (3 ms..3 ms), which covers version 2,"
                + " but 0 ms later read of version 1 of cart by a (3 ms..3 ms)");
  }

  @Test
  void anOldVersionUnderATokenIsFoundInAnyProcess() {
    CacheInvalidation invalidation = secondVersionInvalidatedByA();
    pass(4);
    history.read("b", "cart").knowing(invalidation).returned(1);
    history.read("b", "cart").knowing(invalidation).returned(2);

    assertThat(checker().violations())
        .singleElement()
        .hasToString(
            "TOKEN: invalidation of cart by a (0 ms..0 ms), which covers version 2, but 4 ms later"
                + " read of version 1 of cart by b (4 ms..4 ms)");
  }

  @Test
  void whoKnowsNothingMayBeBehindForAsLongAsPropagationTakes() {
    secondVersionInvalidatedByA();
    pass(100);
    reads("b", 1);
    assertThat(broken()).isEmpty();

    time.advance(Duration.ofNanos(1));
    reads("b", 1);
    assertThat(broken()).containsExactly(Promise.PROPAGATION);
  }

  @Test
  void whileTheBusIsDownAsLongAsAnEntryMayBeUsed() {
    BusOutage outage = history.busDown("b");
    secondVersionInvalidatedByA();
    pass(60_000);
    reads("b", 1);
    assertThat(broken()).as("whose bus is down").isEmpty();
    reads("c", 1);
    assertThat(broken()).as("whose bus is not").containsExactly(Promise.PROPAGATION);

    pass(1);
    reads("b", 1);
    assertThat(broken()).containsExactly(Promise.PROPAGATION, Promise.MAX_STALENESS);
    outage.over();
    reads("b", 1);
    assertThat(broken()).hasSize(3).endsWith(Promise.PROPAGATION);
  }

  @Test
  void aReadThatRanIntoAnOutageHasItsBound() {
    secondVersionInvalidatedByA();
    pass(101);
    CacheRead read = history.read("b", "cart");
    BusOutage outage = history.busDown();
    read.returned(1);
    outage.over();

    assertThat(broken()).isEmpty();
  }

  @Test
  void anOutageMakesNoDifferenceToWhoKnows() {
    CacheInvalidation invalidation = secondVersionInvalidatedByA();
    history.busDown();
    reads("a", 1);
    history.read("b", "cart").knowing(invalidation).returned(1);

    assertThat(broken()).containsExactly(Promise.OWN_PROCESS, Promise.TOKEN);
  }

  @Test
  void whatIsDeclaredStaleMayBeOldButNotWhatTheReaderKnowsToBeInvalidated() {
    CacheInvalidation invalidation = secondVersionInvalidatedByA();
    pass(120_000);
    history.read("b", "cart").returnedStale(1);
    assertThat(broken()).isEmpty();

    history.read("a", "cart").returnedStale(1);
    history.read("b", "cart").knowing(invalidation).returnedStale(1);
    assertThat(broken()).containsExactly(Promise.OWN_PROCESS, Promise.TOKEN);
    assertThat(checker().violations().get(0)).asString().contains("version 1, declared stale, of");
  }

  @Test
  void whatOverlapsMayHaveHappenedInEitherOrder() {
    writes(1);
    writes(2);
    CacheRead before = history.read("a", "cart");
    CacheInvalidation invalidation = history.invalidation("a", "cart");
    CacheRead during = history.read("a", "cart");
    invalidation.returned();
    before.returned(1);
    during.returned(1);

    assertThat(broken()).isEmpty();
  }

  @Test
  void anInvalidationCoversWhatWasCommittedBeforeItBegan() {
    writes(1);
    CacheWrite second = history.write("cart", 2);
    CacheInvalidation invalidation = history.invalidation("a", "cart");
    second.committed();
    invalidation.returned();
    reads("a", 1);
    reads("a", 2);
    assertThat(broken()).isEmpty();

    reads("a", 0);
    assertThat(broken()).containsExactly(Promise.OWN_PROCESS);
    assertThat(checker().violations().get(0))
        .asString()
        .contains("covers version 1")
        .contains("read of nothing under cart by a");
  }

  @Test
  void anInvalidationThatDidNotReturnPromisesNothing() {
    writes(1);
    writes(2);
    CacheInvalidation lost = history.invalidation("a", "cart");
    pass(120_000);
    reads("a", 1);
    history.read("b", "cart").knowing(lost).returned(1);

    assertThat(broken()).isEmpty();
  }

  @Test
  void keysHaveNothingToDoWithEachOther() {
    CacheInvalidation invalidation = secondVersionInvalidatedByA();
    history.write("bag", 1).committed();
    history.read("a", "bag").knowing(invalidation).returned(1);

    assertThat(broken()).isEmpty();
  }

  @Test
  void nothingIsWhatARemovalLeaves() {
    writes(1);
    history.removal("cart", 2).committed();
    invalidates("a");
    reads("a", 0);
    assertThat(broken()).isEmpty();

    reads("a", 2);
    assertThat(broken()).as("it has no value").containsExactly(Promise.NO_INVENTED_VERSION);
    writes(3);
    invalidates("a");
    reads("a", 0);
    assertThat(broken()).endsWith(Promise.OWN_PROCESS);
  }

  @Test
  void theStrongestPromiseAndTheNewestVersionAreNamed() {
    writes(1);
    invalidates("b");
    secondVersions();
    pass(200);
    reads("b", 0);

    assertThat(checker().violations())
        .singleElement()
        .satisfies(
            violation -> {
              assertThat(violation.promise()).isEqualTo(Promise.OWN_PROCESS);
              assertThat(violation.covered()).isEqualTo(3);
            });
  }

  private void secondVersions() {
    writes(2);
    invalidates("a");
    writes(3);
    invalidates("b");
  }

  @Test
  void aVersionThatNobodyWroteOrThatFailedOrIsOfTheFutureIsFound() {
    reads("b", 7);
    history.write("cart", 1).failed();
    reads("b", 1);
    reads("b", 2);
    writes(2);

    assertThat(broken())
        .containsExactly(
            Promise.NO_INVENTED_VERSION, Promise.NO_INVENTED_VERSION, Promise.NO_INVENTED_VERSION);
    assertThat(checker().violations().get(0))
        .hasToString(
            "NO_INVENTED_VERSION: no such write by then, but read of version 7 of cart by b (0"
                + " ms..0 ms)");
  }

  @Test
  void aWriteOfUnknownOutcomeMayBeSeenOrNot() {
    history.write("cart", 1);
    invalidates("a");
    reads("a", 1);
    reads("a", 0);
    writes(2);

    assertThat(broken()).isEmpty();
  }

  @Test
  void readsWithoutAnswerCountForNothing() {
    secondVersionInvalidatedByA();
    history.read("a", "cart");

    assertThat(broken()).isEmpty();
    assertThat(history.reads()).singleElement().asString().endsWith("(0 ms..open)");
  }

  @Test
  void withoutBoundsOnlyWhoKnowsIsPromisedAnything() {
    secondVersionInvalidatedByA();
    pass(1_000_000);
    reads("b", 1);
    history.busDown();
    reads("b", 1);

    assertThat(CacheHistoryChecker.of(history).violations()).isEmpty();
    assertThat(
            CacheHistoryChecker.of(history)
                .propagation(Duration.ofSeconds(Long.MAX_VALUE))
                .violations())
        .isEmpty();
  }

  @Test
  void onlyTheFirstTenAreReported() {
    secondVersionInvalidatedByA();
    for (int read = 0; read < 12; read++) {
      reads("a", 1);
    }

    assertThatThrownBy(() -> checker().verify())
        .hasMessageStartingWith("12 broken promises in 12 reads")
        .hasMessageEndingWith("and 2 more");
  }

  @Test
  void writesThatOverlapOrDoNotGrowCannotBeJudged() {
    CacheWrite open = history.write("cart", 1);
    writes(2);
    assertThat(broken()).as("one was abandoned").isEmpty();
    open.committed();
    assertThatThrownBy(this::broken)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("write of version 1 of cart (0 ms..0 ms) and write of version 2")
        .hasMessageEndingWith("give a key one writer at a time, and versions that grow");

    CacheHistory shrinks = CacheHistory.create(time::nanoTime);
    shrinks.write("cart", 2).committed();
    shrinks.removal("cart", 2).failed();
    assertThatThrownBy(() -> CacheHistoryChecker.of(shrinks))
        .hasMessageContaining("and removal as version 2 of cart, failed (0 ms..0 ms)");
  }

  @Test
  void misuseIsNamed() {
    assertThatThrownBy(() -> history.write("cart", 0))
        .hasMessage("version must be at least 1, was 0; 0 is what a read finds before any");
    CacheRead read = history.read("a", "cart");
    assertThatThrownBy(() -> read.returned(-1))
        .hasMessage("version must not be negative, was -1; 0 says that nothing was found");
    read.returned(0);
    assertThatThrownBy(() -> read.returned(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has ended already");
    assertThatThrownBy(() -> checker().propagation(Duration.ofMillis(-1)))
        .hasMessage("propagation must not be negative, was PT-0.001S");
  }

  @Test
  void manyProcessesMayRecordAtOnce() throws InterruptedException {
    int processes = 4;
    CacheHistory shared = CacheHistory.create(System::nanoTime);
    CountDownLatch together = new CountDownLatch(processes);
    ExecutorService pool = Executors.newFixedThreadPool(processes);
    for (int number = 0; number < processes; number++) {
      String process = "process-" + number;
      pool.execute(
          () -> {
            together.countDown();
            for (long version = 1; version <= 500; version++) {
              shared.write(process, version).committed();
              shared.invalidation(process, process).returned();
              shared.read(process, process).returned(version);
            }
          });
    }
    pool.shutdown();

    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    assertThat(shared.reads()).hasSize(2_000);
    CacheHistoryChecker.of(shared).propagation(Duration.ZERO).verify();
  }
}
