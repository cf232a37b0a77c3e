package io.headroom.benchmarks.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.HeadroomException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TallyTest {
  private final FaultWindows windows = new FaultWindows();
  private final List<String> told = new ArrayList<>();
  private final Tally tally = new Tally(windows, told::add);

  @Test
  void statementsMayFailWhileAServerDoes() {
    windows.begin("primary killed", 100);
    tally.failed(50, 150, new SQLException("gone"));
    tally.failed(50, 150, new HeadroomException("no value", new SQLException("gone")));
    assertThat(tally.errorsByFault()).isEqualTo(Map.of("primary killed", 2L));
    assertThat(tally.errorsInCalm()).isZero();
    assertThat(told).isEmpty();
  }

  @Test
  void andNotWhenAllIsCalm() {
    tally.failed(50, 150, new SQLException("gone"));
    assertThat(tally.errorsInCalm()).isEqualTo(1);
    assertThat(told).containsExactly("error though all is calm: java.sql.SQLException: gone");
  }

  @Test
  void nothingElseMayFailAtAnyTime() {
    windows.begin("primary killed", 100);
    tally.failed(50, 150, new NullPointerException());
    tally.failed(50, 150, new AssertionError());
    tally.failed(50, 150, new HeadroomException("no value", new IllegalStateException("gone")));
    assertThat(tally.bugs()).isEqualTo(3);
    assertThat(tally.errorsInFaults()).isZero();
    assertThat(told.get(2)).endsWith("by java.lang.IllegalStateException: gone");
  }

  @Test
  void whoIsShownLessIsStale() {
    tally.shown("the cache", 7, 3, 3);
    assertThat(tally.stale()).isZero();
    tally.shown("the cache", 7, 2, 3);
    assertThat(tally.stale()).isEqualTo(1);
    assertThat(told).containsExactly("stale: the cache showed version 2 of 7, not 3");
  }

  @Test
  void aVersionThatIsGivenTwiceWasLost() {
    tally.committed(7, 4, 3);
    assertThat(tally.lost()).isZero();
    tally.committed(7, 4, 4);
    assertThat(tally.lost()).isEqualTo(1);
  }

  @Test
  void commitsThatTheVersionsDoNotHaveAreLost() {
    Acknowledged acknowledged = new Acknowledged(3);
    acknowledged.add(0, 1);
    acknowledged.add(1, 5);
    acknowledged.add(2, 1);
    acknowledged.add(2, 1);
    assertThat(acknowledged.lost(Map.of(0L, 1L, 1L, 5L, 2L, 2L))).isZero();
    assertThat(acknowledged.lost(Map.of(0L, 1L, 1L, 4L, 2L, 1L))).isEqualTo(2);
    assertThat(acknowledged.lost(Map.of(0L, 1L, 2L, 2L))).isEqualTo(5);
  }

  @Test
  void capacityIsOfStepsInWhichFewAreRefused() {
    assertThat(
            SoakLoad.capacity(
                new SoakLoad.Step(8, 100, 0),
                new SoakLoad.Step(16, 200, 0),
                new SoakLoad.Step(24, 300, 0.005),
                new SoakLoad.Step(32, 310, 0.01),
                new SoakLoad.Step(40, 500, 0.3)))
        .isEqualTo(310);
    assertThat(SoakLoad.capacity(new SoakLoad.Step(8, 100, 1))).isZero();
  }
}
