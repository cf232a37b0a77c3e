package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PostgresFailuresTest {

  @ParameterizedTest
  @CsvSource({
    "08000, CONNECTION_LOST",
    "08001, CONNECTION_LOST",
    "08003, CONNECTION_LOST",
    "08006, CONNECTION_LOST",
    "57P01, CONNECTION_LOST",
    "57P02, CONNECTION_LOST",
    "57P03, CONNECTION_LOST",
    "57P04, CONNECTION_LOST",
    "57P05, CONNECTION_LOST",
    "25P03, CONNECTION_LOST",
    "25P04, CONNECTION_LOST",
    "53300, CONNECTION_LOST",
    "40001, READ_CONFLICT",
    "40P01, READ_CONFLICT",
    "25006, READ_ONLY",
    "57014, STATEMENT",
    "23505, STATEMENT",
    "42601, STATEMENT",
    "25P02, STATEMENT",
  })
  void saysWhatAStateMeans(String state, FailureKind kind) {
    SQLException failure = new SQLException("ERROR: something", state);
    assertThat(ReplicationProbe.postgres().classify(failure)).isEqualTo(kind);
  }

  @Test
  void aConflictThatEndsTheSessionLosesTheConnection() {
    SQLException failure =
        new SQLException(
            "FATAL: terminating connection due to conflict with recovery\n  Detail: ...", "40001");
    assertThat(PostgresFailures.classify(failure)).isEqualTo(FailureKind.CONNECTION_LOST);
  }

  @Test
  void whereThereIsNoStateTheCauseOrTheClassTells() {
    SQLException refused = new SQLException("refused", "08001");
    assertThat(PostgresFailures.classify(new SQLException("pool", refused)))
        .isEqualTo(FailureKind.CONNECTION_LOST);
    assertThat(PostgresFailures.classify(new SQLTransientConnectionException("pool")))
        .isEqualTo(FailureKind.CONNECTION_LOST);
    assertThat(PostgresFailures.classify(new SQLException("driver's own")))
        .isEqualTo(FailureKind.STATEMENT);
  }
}
