package io.headroom.routing;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source over servers without a network: pools that count what they give and get back, and
 * calls that fail where a test wants. Node {@code a} is the primary, the others are replicas; they
 * are probed only when asked to, on connections that count nowhere. For one thread, beside those
 * that probe.
 */
final class StubFleet implements ReplicationProbe, AutoCloseable {

  private static final Map<String, Object> FRESH =
      Map.of(
          "AutoCommit",
          true,
          "ReadOnly",
          false,
          "TransactionIsolation",
          Connection.TRANSACTION_READ_COMMITTED,
          "Holdability",
          ResultSet.CLOSE_CURSORS_AT_COMMIT,
          "NetworkTimeout",
          0,
          "Schema",
          "public",
          "Catalog",
          "stub");

  /** Called before each recorded call; throws to make it fail. */
  interface Fault {
    void on(String call) throws SQLException;
  }

  private final List<Server> servers = new ArrayList<>();
  private final ReplicaDataSource dataSource;

  /** {@code "node.method[arguments]"}, of work, not of probes. */
  final List<String> calls = new ArrayList<>();

  Fault fault = call -> {};

  StubFleet(int replicas, ProbeThreads threads, UnaryOperator<ReplicaDataSourceBuilder> options) {
    ReplicaDataSourceBuilder builder = ReplicaDataSource.builder("orders").probe(this);
    for (int index = 0; index <= replicas; index++) {
      Server server = new Server(index);
      servers.add(server);
      DataSource pool = pool(() -> take(server));
      if (index == 0) {
        builder.primary(server.name, pool);
      } else {
        builder.replica(server.name, pool);
      }
      builder.probeVia(server.name, pool(() -> forProbes(server)));
    }
    servers.get(0).is(NodeRole.PRIMARY, 1, 100);
    builder
        .probeThreads(threads)
        .probeInterval(Duration.ofHours(1))
        .probeTimeout(Duration.ofSeconds(20))
        .replicaWait(Duration.ofMillis(2))
        .primaryWait(Duration.ofMillis(10));
    dataSource = options.apply(builder).build();
  }

  ReplicaDataSource dataSource() {
    return dataSource;
  }

  Server server(int index) {
    return servers.get(index);
  }

  Node node(int index) {
    return dataSource.routes().nodes().get(index);
  }

  /** What a request has that saw this much of these servers. */
  static ConsistencyToken token(long timeline, long position) {
    return ConsistencyToken.of(TokenDomain.of("orders", "cluster"), timeline, position);
  }

  /** Has a server be something else from now on, and the monitor know it. */
  void learn(int index, NodeRole role, long timeline, long position) {
    server(index).is(role, timeline, position);
    probe(index);
  }

  /** Has the monitor ask a server. */
  void probe(int index) {
    try {
      dataSource.routes().monitor().probeNow(node(index), Duration.ofSeconds(20));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** How often work has made a call. */
  long made(String call) {
    return calls.stream().filter(call::equals).count();
  }

  /** Fails every call of this kind. */
  void fail(String call, SQLException failure) {
    fault =
        now -> {
          if (now.startsWith(call)) {
            throw failure;
          }
        };
  }

  /** What is out of the pools, or was never given back. */
  int borrowed() {
    return servers.stream().mapToInt(server -> server.borrowed).sum();
  }

  @Override
  public void close() {
    dataSource.close();
  }

  /** One server, and the pool of connections to it. */
  static final class Server {

    final String name;
    volatile NodeStatus status;

    /** What its connections and statements answer when they are asked for warnings. */
    @Nullable SQLWarning warning;

    /** What a waiting reader is told; null for what the status says. */
    @Nullable Long visible;

    /** Whether its probes fail. */
    volatile boolean silent;

    /** While this is there, its probes wait for it before they answer. */
    volatile @Nullable CountDownLatch answering;

    boolean autoCommitByDefault = true;
    int taken;
    int borrowed;
    private final Deque<Connection> idle = new ArrayDeque<>();

    private Server(int index) {
      this.name = String.valueOf((char) ('a' + index));
      is(NodeRole.REPLICA, 1, 100);
    }

    void is(NodeRole role, long timeline, long position) {
      is("cluster", "run of " + name, role, timeline, position);
    }

    void is(String cluster, String run, NodeRole role, long timeline, long position) {
      status =
          new NodeStatus(
              role,
              cluster,
              run,
              OptionalLong.of(timeline),
              position,
              true,
              Optional.of(Duration.ZERO));
    }
  }

  /** What a connection of these is, too. */
  private interface ToServer {
    Server server();

    boolean isForProbes();
  }

  /** Makes or takes a connection. */
  private interface Opening {
    Connection open() throws SQLException;
  }

  private static DataSource pool(Opening opening) {
    return stub(
        DataSource.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getConnection" -> opening.open();
              case "isWrapperFor" -> false;
              default -> throw new UnsupportedOperationException(method.toString());
            });
  }

  private static Connection forProbes(Server server) {
    return stub(
        Connection.class,
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "server" -> server;
              case "isForProbes", "getAutoCommit" -> true;
              case "close", "abort" -> null;
              default -> throw new UnsupportedOperationException(method.toString());
            });
  }

  private Connection take(Server server) throws SQLException {
    called(server, "getConnection", null);
    Connection idle = server.idle.poll();
    Connection taken = idle == null ? connect(server) : idle;
    server.taken++;
    server.borrowed++;
    return taken;
  }

  private Connection connect(Server server) {
    Map<String, Object> settings = new HashMap<>(FRESH);
    settings.put("AutoCommit", server.autoCommitByDefault);
    boolean[] aborted = new boolean[1];
    return stub(
        Connection.class,
        (proxy, method, arguments) -> {
          String name = method.getName();
          switch (name) {
            case "server" -> {
              return server;
            }
            case "isForProbes" -> {
              return false;
            }
            case "unwrap" -> {
              return proxy;
            }
            case "abort" -> aborted[0] = true;
            case "close" -> {
              server.borrowed--;
              settings.put("AutoCommit", server.autoCommitByDefault);
              if (!aborted[0]) {
                server.idle.push((Connection) proxy);
              }
            }
            default -> {}
          }
          called(server, name, arguments);
          if (Statement.class.isAssignableFrom(method.getReturnType())) {
            return statement(server, (Connection) proxy, method.getReturnType());
          }
          if (name.equals("getWarnings")) {
            return server.warning;
          }
          if (name.equals("getMetaData")) {
            return stub(DatabaseMetaData.class, (its, asked, none) -> "Stub");
          }
          if (name.startsWith("set") && arguments != null) {
            settings.put(name.substring(3), arguments[arguments.length - 1]);
          }
          Object known = settings.get(name.replaceFirst("^(get|is)", ""));
          return known == null || name.startsWith("set") ? zero(method.getReturnType()) : known;
        });
  }

  private Object statement(Server server, Connection connection, Class<?> type) {
    return stub(
        type,
        (proxy, method, arguments) -> {
          called(server, method.getName(), arguments);
          return switch (method.getName()) {
            case "getConnection" -> connection;
            case "getWarnings" -> server.warning;
            default -> zero(method.getReturnType());
          };
        });
  }

  private void called(Server server, String method, Object @Nullable [] arguments)
      throws SQLException {
    String call =
        server.name + "." + method + (arguments == null ? "" : Arrays.deepToString(arguments));
    calls.add(call);
    fault.on(call);
  }

  private static <T> T stub(Class<T> type, InvocationHandler behaviour) {
    return type.cast(
        Proxy.newProxyInstance(
            StubFleet.class.getClassLoader(),
            type == Connection.class
                ? new Class<?>[] {type, ToServer.class}
                : new Class<?>[] {type},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "equals" -> proxy == arguments[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "toString" -> "stub of " + type.getSimpleName();
                  default -> behaviour.invoke(proxy, method, arguments);
                }));
  }

  private static @Nullable Object zero(Class<?> type) {
    if (type == boolean.class) {
      return false;
    }
    if (type == int.class) {
      return 0;
    }
    return type == long.class ? 0L : null;
  }

  private Server asked(Connection connection, String question) throws SQLException {
    ToServer to = (ToServer) connection;
    if (to.isForProbes()) {
      answer(to.server());
    } else {
      called(to.server(), "probe." + question, null);
    }
    return to.server();
  }

  private static void answer(Server probed) throws SQLException {
    CountDownLatch latch = probed.answering;
    try {
      if (latch != null) {
        latch.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (probed.silent) {
      throw new SQLException("does not answer", "08006");
    }
  }

  @Override
  public NodeStatus status(Connection connection) throws SQLException {
    return asked(connection, "status").status;
  }

  @Override
  public Position written(Connection primary) throws SQLException {
    NodeStatus status = asked(primary, "written").status;
    return new Position(status.timeline().orElseThrow(), status.position());
  }

  @Override
  public long visible(Connection replica) throws SQLException {
    Server server = asked(replica, "visible");
    return server.visible == null ? server.status.position() : server.visible;
  }

  @Override
  public Map<Long, Long> ends(Connection primary) {
    return Map.of();
  }

  @Override
  public void makeSessionReadOnly(Connection connection, boolean readOnly) throws SQLException {
    asked(connection, "readOnly=" + readOnly);
  }

  @Override
  public boolean leavesCommitUnconfirmed(SQLWarning warning) {
    return warning.getMessage().contains("synchronous");
  }

  @Override
  public FailureKind classify(SQLException failure) {
    return PostgresFailures.classify(failure);
  }
}
