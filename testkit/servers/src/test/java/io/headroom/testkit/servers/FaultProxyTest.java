package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.postgresql.ds.PGSimpleDataSource;

/** The proxy between the PostgreSQL driver and a real server. Times are tested as lower bounds. */
class FaultProxyTest {

  private static final int SOCKET_TIMEOUT_SECONDS = 1;

  @RegisterExtension static final PostgresExtension postgres = PostgresExtension.servers(2);

  private FaultProxy proxy;

  @BeforeEach
  void open() throws SQLException {
    proxy = FaultProxy.to(postgres.server(0));
    try (Connection direct = postgres.dataSource(0).getConnection();
        Statement statement = direct.createStatement()) {
      statement.execute("DROP TABLE IF EXISTS item");
      statement.execute("CREATE TABLE item (id int)");
    }
  }

  @AfterEach
  void nothingIsLeft() {
    proxy.close();
    proxy.close();
    assertThat(threads()).isEmpty();
    assertThat(proxy.connections()).isZero();
    assertThatThrownBy(this::socket).isInstanceOf(ConnectException.class);
  }

  @Test
  void withoutFaultsMegabytesArriveBothWaysAndConnectionsGo() throws SQLException {
    try (Connection connection = connect()) {
      assertThat(proxy.connections()).isOne();
      assertThat(roundTripOfMegabytes(connection)).isTrue();
    }
    await().until(() -> proxy.connections() == 0 && threads().size() == 1);
    assertThat(proxy.toString()).contains(" to 127.0.0.1:" + postgres.server(0).port());
  }

  @Test
  void withLatencyEachRoundTripTakesLongerAndBytesKeepTheirOrder() throws SQLException {
    try (Connection connection = connect()) {
      proxy.latency(Duration.ofMillis(60));
      proxy.jitter(Duration.ofMillis(20));
      long start = System.nanoTime();
      query(connection, "SELECT 1");
      query(connection, "SELECT 2");
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(millis(120));
      assertThat(roundTripOfMegabytes(connection)).isTrue();
      assertThat(proxy.toString()).contains("latencyNanos=60000000");
    }
  }

  @Test
  void anHourOfLatencyEndsAtHeal() throws Exception {
    try (Connection connection = connect()) {
      proxy.latency(Duration.ofHours(1));
      CompletableFuture<String> answer = inBackground(connection, "SELECT 1");
      await().until(() -> backends("state = 'idle' AND query = 'SELECT 1'").equals("1"));
      assertThat(answer).isNotDone();
      proxy.heal();
      assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("1");
    }
  }

  @Test
  void aNarrowNetworkTakesItsTimeForMuch() throws SQLException {
    try (Connection connection = connect()) {
      proxy.bandwidth(400_000);
      long start = System.nanoTime();
      assertThat(query(connection, "SELECT repeat('x', 100000)")).hasSize(100_000);
      assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(millis(200));
      proxy.heal();
      assertThat(roundTripOfMegabytes(connection)).isTrue();
    }
  }

  @Test
  void aBlackHoleToTheServerKeepsTheStatementFromIt() throws SQLException {
    try (Connection connection = connect()) {
      proxy.blackHole(FaultProxy.Direction.TO_SERVER);
      assertThatThrownBy(() -> update(connection, "INSERT INTO item VALUES (1)"))
          .isInstanceOf(SQLException.class)
          .hasRootCauseMessage("Read timed out");
      assertThat(items()).isEmpty();
      proxy.resetAll();
    }
    assertThat(items()).isEmpty();
  }

  @Test
  void aBlackHoleToTheClientKeepsOnlyTheAnswerBack() throws SQLException {
    try (Connection connection = connect()) {
      proxy.blackHole(FaultProxy.Direction.TO_CLIENT);
      assertThatThrownBy(() -> update(connection, "INSERT INTO item VALUES (1)"))
          .hasRootCauseMessage("Read timed out");
      await().until(() -> items().equals("1"));
    }
    assertThatThrownBy(this::connect).hasRootCauseMessage("Read timed out");
    proxy.heal();
    connect().close();
  }

  @Test
  void whatABlackHoleHeldBackArrivesAtHeal() throws Exception {
    try (Connection connection = connect()) {
      connection.setNetworkTimeout(Runnable::run, 0);
      proxy.blackHole(FaultProxy.Direction.BOTH);
      CompletableFuture<String> answer = inBackground(connection, "SELECT 1");
      assertThat(proxy.toString()).contains("held=[TO_SERVER, TO_CLIENT]");
      assertThat(answer).isNotDone();
      proxy.heal();
      assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo("1");
    }
  }

  @Test
  void closingEndsConnectionsThatABlackHoleHolds() throws SQLException {
    Connection connection = connect();
    proxy.blackHole(FaultProxy.Direction.BOTH);
    proxy.close();
    assertThatThrownBy(() -> query(connection, "SELECT 1")).isInstanceOf(SQLException.class);
  }

  @Test
  void closingEndsConnectionsWhoseLastBytesAreLate() throws SQLException {
    Connection connection = connect();
    proxy.latency(Duration.ofHours(1));
    directly(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE application_name = 'through-the-proxy'");
    await().until(() -> backends("true").equals("0"));
    assertThat(proxy.connections()).isOne();
    proxy.close();
    assertThat(connection.isValid(1)).isFalse();
  }

  @Test
  void refusesNewConnectionsOnlyUntilHeal() throws SQLException {
    try (Connection connection = connect()) {
      proxy.refuse();
      proxy.refuse();
      assertThatThrownBy(this::connect).hasRootCauseInstanceOf(ConnectException.class);
      assertThat(query(connection, "SELECT 1")).isEqualTo("1");
      proxy.heal();
      connect().close();
    }
  }

  @Test
  void endsOrBreaksOffBothSides() throws IOException {
    try (Socket ended = socket()) {
      await().until(() -> proxy.connections() == 1);
      proxy.closeAll();
      assertThat(ended.getInputStream().read()).isEqualTo(-1);
    }
    try (Socket broken = socket()) {
      await().until(() -> proxy.connections() == 1);
      proxy.resetAll();
      assertThatThrownBy(() -> broken.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
    assertThat(proxy.connections()).isZero();
  }

  @Test
  void theServerNoticesTheEndToo() throws SQLException {
    for (Runnable end : List.<Runnable>of(proxy::closeAll, proxy::resetAll)) {
      try (Connection connection = connect()) {
        assertThat(backends("true")).isEqualTo("1");
        end.run();
        await().until(() -> backends("true").equals("0"));
        assertThat(connection.isValid(1)).isFalse();
      }
    }
  }

  @Test
  void sendsNewConnectionsElsewhere() throws SQLException {
    try (Connection before = connect()) {
      proxy.retarget("127.0.0.1", postgres.server(1).port());
      try (Connection after = connect()) {
        assertThat(query(before, "SHOW port")).isEqualTo("" + postgres.server(0).port());
        assertThat(query(after, "SHOW port")).isEqualTo("" + postgres.server(1).port());
      }
    }
  }

  @Test
  void aServerThatRefusesBreaksOffTheClient() throws IOException {
    proxy.retarget("127.0.0.1", FreePort.find());
    try (Socket client = socket()) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    proxy.retarget("no-such-host.invalid", 1);
    try (Socket client = socket()) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void nonsenseIsRefusedByName() {
    assertThatThrownBy(() -> FaultProxy.to("localhost", 0)).hasMessageContaining("was 0");
    assertThatThrownBy(() -> proxy.retarget("localhost", 65_536)).hasMessageContaining("65536");
    assertThatThrownBy(() -> proxy.latency(Duration.ofMillis(-1)))
        .hasMessageContaining("latency must not be negative, as PT-0.001S is");
    assertThatThrownBy(() -> proxy.jitter(Duration.ofMillis(-1))).hasMessageContaining("jitter");
    assertThatThrownBy(() -> proxy.bandwidth(0)).hasMessageContaining("was 0: for none at all");
    proxy.close();
    assertThatThrownBy(proxy::heal)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is closed");
  }

  private Connection connect() throws SQLException {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl("jdbc:postgresql://127.0.0.1:" + proxy.port() + "/" + postgres.database());
    source.setUser("postgres");
    source.setApplicationName("through-the-proxy");
    source.setSocketTimeout(SOCKET_TIMEOUT_SECONDS);
    return source.getConnection();
  }

  private Socket socket() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(30_000);
    return socket;
  }

  private static boolean roundTripOfMegabytes(Connection connection) throws SQLException {
    connection.setNetworkTimeout(Runnable::run, 30_000);
    StringBuilder text = new StringBuilder();
    for (int i = 0; text.length() < 3_000_000; i++) {
      text.append(i).append(' ');
    }
    try (PreparedStatement statement = connection.prepareStatement("SELECT CAST(? AS text)")) {
      statement.setString(1, text.toString());
      try (ResultSet rows = statement.executeQuery()) {
        rows.next();
        return rows.getString(1).contentEquals(text);
      }
    }
  }

  private static CompletableFuture<String> inBackground(Connection connection, String sql) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            connection.setNetworkTimeout(Runnable::run, 0);
            return query(connection, sql);
          } catch (SQLException failure) {
            throw new IllegalStateException(failure);
          }
        });
  }

  private static String items() throws SQLException {
    return directly("SELECT coalesce(string_agg(id::text, ','), '') FROM item");
  }

  private static String backends(String condition) throws SQLException {
    return directly(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'through-the-proxy' AND "
            + condition);
  }

  private static String directly(String sql) throws SQLException {
    try (Connection connection = postgres.dataSource(0).getConnection()) {
      return query(connection, sql);
    }
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static void update(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private List<String> threads() {
    List<String> names = new ArrayList<>();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().startsWith("fault-proxy-" + proxy.port() + "-")) {
        names.add(thread.getName());
      }
    }
    return names;
  }

  private static long millis(long count) {
    return TimeUnit.MILLISECONDS.toNanos(count);
  }
}
