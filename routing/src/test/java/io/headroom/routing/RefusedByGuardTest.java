package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A guard that refuses does so at once and for all that come: that speaks against no node, and asks
 * none, or each refusal would burden a server that was to be spared.
 */
class RefusedByGuardTest {

  private final SQLException refused =
      new SQLTransientConnectionException("the pool is under load", "53000");

  private final ScriptedServers servers = new ScriptedServers(2);

  /** Probed only when there is reason to. */
  private final ReplicaDataSource dataSource =
      servers.pair().primaryWait(Duration.ofMinutes(1)).build();

  private final int[] asked = {servers.get(0).asked.get(), servers.get(1).asked.get()};

  @AfterEach
  void close() {
    dataSource.close();
  }

  private Node node(int index) {
    return dataSource.routes().nodes().get(index);
  }

  private boolean isAskedAgain(int index) {
    return servers.get(index).asked.get() > asked[index];
  }

  /** Runs a statement, and says where. */
  private int run(boolean readOnly) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      connection.setReadOnly(readOnly);
      try (Statement statement = connection.createStatement()) {
        statement.execute("SELECT 1");
      }
      return node(0).load().inFlight() > 0 ? 0 : 1;
    }
  }

  @Test
  void aReplicaIsNeitherDoubtedNorAsked() throws SQLException {
    servers.get(1).poolRefusal = refused;
    for (int read = 0; read < 3; read++) {
      assertThat(run(true)).isZero();
    }
    assertThat(node(1).isDoubted()).isFalse();
    assertThat(isAskedAgain(1)).isFalse();
    servers.get(1).poolRefusal = null;
    assertThat(run(true)).as("no breaker has opened").isEqualTo(1);
  }

  @Test
  void aWriteIsRefusedWithoutAskingThePrimary() {
    servers.get(0).poolRefusal = refused;
    assertThatThrownBy(() -> run(false)).isSameAs(refused);
    assertThat(isAskedAgain(0)).isFalse();
  }

  /** A connection to it broke just before: what its pool lacks may be the server. */
  @Test
  void aPrimaryInDoubtIsAskedNevertheless() {
    servers.get(0).poolRefusal = refused;
    node(0).doubt(System.nanoTime());
    assertThatThrownBy(() -> run(false)).isSameAs(refused);
    assertThat(isAskedAgain(0)).isTrue();
    assertThat(node(0).isDoubted()).isFalse();
  }

  @Test
  void whatAServerSaysOfItselfIsNoGuardsWord() throws SQLException {
    servers.get(1).poolRefusal =
        new SQLTransientConnectionException("timed out", "53000", new SQLException("no memory"));
    assertThat(run(true)).isZero();
    Awaitility.await().until(() -> isAskedAgain(1));
  }
}
