package com.example.market.growth;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.market.growth.Bench.Measured;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is judged where a server dies, of outcomes that were made up. */
class StepsTest {

  private static final long SOON = Duration.ofMillis(1).toNanos();
  private final SQLException lost = new SQLException("connection lost", "08006");
  private final SQLException full = new SQLTransientConnectionException("timed out");
  private final SQLException strange = new SQLException("no such table", "42P01");

  private final Outcome pages = outcome();
  private final Outcome orders = outcome();

  private static Outcome outcome() {
    return new Outcome(0, Duration.ofSeconds(3));
  }

  private static Step step(String name) {
    Steps steps = new Steps(null, 100); // no server is asked before a load is put on
    return steps.all().get(Steps.NAMES.indexOf(name));
  }

  private static void served(Outcome outcome, int requests) {
    for (int i = 0; i < requests; i++) {
      outcome.came(0);
      outcome.answered(200, 0, SOON);
    }
  }

  private static void failed(Outcome outcome, int requests, SQLException failure) {
    for (int i = 0; i < requests; i++) {
      outcome.came(0);
      outcome.failed(failure, 0, SOON);
    }
  }

  private static Measured measured(Stage stage, Outcome pages, Outcome orders) {
    return new Measured(stage, Map.of("pages", pages, "orders", orders), 0, 0);
  }

  /** Of a stage for which the death of its one server is the end. */
  private Measured nothingServed(Stage stage) {
    Outcome pages = outcome();
    Outcome orders = outcome();
    failed(pages, 100, lost);
    failed(orders, 100, lost);
    return measured(stage, pages, orders);
  }

  /** Of one that goes on with its pages. */
  private Measured pagesServed(Stage stage) {
    Outcome pages = outcome();
    Outcome orders = outcome();
    served(pages, 100);
    failed(orders, 100, lost);
    return measured(stage, pages, orders);
  }

  private void failoverBreaks(String... promises) {
    Measured after = measured(Stage.REPLICAS, pages, orders);
    assertThat(step("failover").broken(nothingServed(Stage.GUARD), after))
        .containsExactly(promises);
  }

  private void deadShardBreaks(String... promises) {
    Measured after = measured(Stage.SHARDS, pages, orders);
    assertThat(step("dead-shard").broken(pagesServed(Stage.CACHE), after))
        .containsExactly(promises);
  }

  @Test
  void stepsAreFoundByTheirNames() {
    assertThat(new Steps(null, 100).all()).hasSameSizeAs(Steps.NAMES);
  }

  @Test
  void ordersMayFailWithTheServerThatDies() {
    served(pages, 100);
    served(orders, 90);
    failed(orders, 10, lost);
    failoverBreaks();
    deadShardBreaks();
  }

  @Test
  void noReaderMay() {
    served(pages, 99);
    failed(pages, 1, lost);
    served(orders, 100);
    failoverBreaks("no reader hears of it");
    deadShardBreaks("no reader hears of it");
  }

  @Test
  void norForAFullPool() {
    served(pages, 99);
    failed(pages, 1, full);
    served(orders, 100);
    failoverBreaks("no reader hears of it");
    deadShardBreaks("no reader hears of it");
  }

  @Test
  void hardlyAnyReaderIsTurnedAway() {
    served(pages, 95);
    for (int i = 0; i < 5; i++) {
      pages.came(0);
      pages.answered(503, 0, SOON);
    }
    served(orders, 100);
    failoverBreaks("pages are read on, and were not before");
    deadShardBreaks("pages are read on, as before");
  }

  @Test
  void aDyingServerExcusesNoOtherFailure() {
    served(pages, 100);
    served(orders, 99);
    failed(orders, 1, strange);
    failoverBreaks("nothing fails but for a full pool, or with the server that dies");
    deadShardBreaks("nothing fails but for a full pool, or with the server that dies");
  }

  @Test
  void ordersComeThrough() {
    served(pages, 100);
    served(orders, 80);
    failed(orders, 20, lost);
    failoverBreaks("orders go on with whoever was promoted");
  }

  @Test
  void atTheOtherShardToo() {
    served(pages, 100);
    served(orders, 40);
    failed(orders, 60, lost);
    deadShardBreaks("orders go on at the other shard, and went on nowhere before");
  }
}
