package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolBudgetTest {

  @Test
  void aBudgetIsSharedAsItIs() {
    PoolBudget budget = PoolBudget.of(100);
    PoolBudget fleet = budget.processes(200);

    assertThat(budget.processes()).isZero();
    assertThat(fleet.connections()).isEqualTo(100);
    assertThat(fleet.processes()).isEqualTo(200);
    assertThat(fleet).hasToString("100 connections in each of 200 processes");
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1_000_001})
  void aNumberOutOfRangeIsRefused(int number) {
    assertThatThrownBy(() -> PoolBudget.of(number))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("budget must be 1 to 1000000 connections, was " + number);
    assertThatThrownBy(() -> PoolBudget.of(1).processes(number))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("processes must be 1 to 1000000, was " + number);
  }

  @Test
  void processesAreSetOnce() {
    assertThatThrownBy(() -> PoolBudget.of(1).processes(2).processes(2))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("budget: processes is set twice: set it once");
  }

  @Test
  void aGuardHasOneBudget() {
    ConnectionGuardBuilder builder = ConnectionGuard.builder().budget(PoolBudget.of(1));
    assertThatThrownBy(() -> builder.budget(PoolBudget.of(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("guard: budget is set twice: set it once");
  }
}
