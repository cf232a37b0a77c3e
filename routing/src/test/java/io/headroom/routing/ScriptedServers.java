package io.headroom.routing;

import io.headroom.ConsistencyToken.Position;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Servers that answer a probe as a test says, and can hang in ways that real ones cannot be made
 * to.
 */
final class ScriptedServers implements ReplicationProbe {

  /** One server. */
  static final class Server implements ProbeConnections {

    final int index;
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger aborted = new AtomicInteger();
    final AtomicInteger asked = new AtomicInteger();
    final AtomicInteger endsAsked = new AtomicInteger();
    volatile NodeStatus status;
    volatile @Nullable SQLException refusal;

    /** While this is there, connections are made, and no question is answered on them. */
    volatile @Nullable SQLException askedRefusal;

    volatile boolean hangsWhenAsked;

    /** While this is there, no further connection is made; what there is works. */
    volatile @Nullable SQLException openingRefusal;

    /** Whether one can be lent nevertheless, for a question. */
    volatile boolean lends;

    /** While this is there, a loan waits for it or for an interrupt, as a pool's does. */
    volatile @Nullable CountDownLatch lending;

    final AtomicInteger lentForProbes = new AtomicInteger();

    /** While this is there, a connection that is closed throws it, as bugs do. */
    volatile @Nullable Error closing;

    volatile Map<Long, Long> ends = Map.of();

    /** While this is there, it does not say where timelines ended. */
    volatile @Nullable SQLException endsRefusal;

    /** While this is there, it waits for it before it says that. */
    volatile @Nullable CountDownLatch tellingEnds;

    /** While this is there, opening a connection waits for it, deaf to interrupts. */
    volatile @Nullable CountDownLatch opening;

    /** While this is there, a probe waits for it before it answers. */
    volatile @Nullable CountDownLatch answering;

    /** While this is there, no connection can be borrowed. */
    volatile @Nullable SQLException poolRefusal;

    final AtomicInteger borrowed = new AtomicInteger();
    final AtomicInteger returned = new AtomicInteger();

    /** Connections that were given back twice: a pool may have lent them to somebody else. */
    final AtomicInteger returnedTwice = new AtomicInteger();

    private final Map<Connection, Boolean> lent = new ConcurrentHashMap<>();
    private final Map<Connection, CountDownLatch> live = new ConcurrentHashMap<>();

    private Server(int index) {
      this.index = index;
      this.status = statusOf(index, NodeRole.REPLICA, 1, 100);
    }

    void is(NodeRole role, long timeline, long position) {
      status = statusOf(index, role, timeline, position);
    }

    /**
     * Whoever asks from now on meets another run of it; connections stay, which others may have.
     */
    void isRestarted() {
      NodeStatus before = status;
      status =
          new NodeStatus(
              before.role(),
              before.cluster(),
              before.incarnation() + ", restarted",
              before.timeline(),
              before.position(),
              before.streaming(),
              before.sinceReplay());
    }

    /** Every connection breaks, as when the server is restarted; new ones work. */
    void breakConnections() {
      live.keySet().forEach(this::gone);
    }

    private void gone(Connection connection) {
      CountDownLatch ended = live.remove(connection);
      if (ended != null) {
        open.decrementAndGet();
        ended.countDown();
      }
    }

    @Override
    public Connection open() throws SQLException {
      awaitDeaf(opening);
      refuseIfTold();
      SQLException full = openingRefusal;
      if (full != null) {
        throw full;
      }
      opened.incrementAndGet();
      return connected();
    }

    @Override
    public @Nullable Connection lent() throws SQLException {
      if (!lends) {
        return null;
      }
      CountDownLatch mayLend = lending;
      if (mayLend != null) {
        try {
          mayLend.await();
        } catch (InterruptedException e) {
          throw new SQLException("interrupted, as a pool says", e);
        }
      }
      lentForProbes.incrementAndGet();
      return connected();
    }

    private Connection connected() {
      open.incrementAndGet();
      Connection connection = connectionTo(this);
      live.put(connection, new CountDownLatch(1));
      return connection;
    }

    /** A pool without bounds, which lends a new connection each time. */
    DataSource pool() {
      return source(this::lend);
    }

    /** For probes: connections that are not counted as lent. */
    DataSource aside() {
      return source(this);
    }

    private Connection lend() throws SQLException {
      SQLException now = poolRefusal;
      if (now != null) {
        throw now;
      }
      Connection connection = open();
      lent.put(connection, true);
      borrowed.incrementAndGet();
      return connection;
    }

    private void givenBack(Connection connection) {
      Boolean out = lent.replace(connection, false);
      if (out != null) {
        (out ? returned : returnedTwice).incrementAndGet();
      }
      gone(connection);
    }

    private static DataSource source(ProbeConnections connections) {
      return (DataSource)
          Proxy.newProxyInstance(
              ScriptedServers.class.getClassLoader(),
              new Class<?>[] {DataSource.class},
              (proxy, method, arguments) ->
                  switch (method.getName()) {
                    case "getConnection" -> connections.open();
                    case "isWrapperFor" -> false;
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    case "toString" -> "scripted pool";
                    default -> throw new UnsupportedOperationException(method.toString());
                  });
    }

    /** Fails as a driver does that finds its socket closed. */
    private void requireLive(Connection connection, String state) throws SQLException {
      if (!live.containsKey(connection)) {
        throw new SQLException("An I/O error occurred", state);
      }
    }

    private void refuseIfTold() throws SQLException {
      SQLException now = refusal;
      if (now != null) {
        throw now;
      }
    }

    private NodeStatus answer(Connection connection) throws SQLException {
      asked.incrementAndGet();
      CountDownLatch ended = live.get(connection);
      if (ended == null) {
        throw new SQLException("This connection has been closed.", "08003");
      }
      refuseIfTold();
      SQLException broken = askedRefusal;
      if (broken != null) {
        throw broken;
      }
      awaitDeaf(answering);
      if (hangsWhenAsked) {
        awaitDeaf(ended);
        throw new SQLException("An I/O error occurred", "08006");
      }
      return status;
    }
  }

  private final List<Server> servers = new ArrayList<>();

  /** A primary and a replica, which are probed only when there is reason to. */
  ReplicaDataSourceBuilder pair() {
    return ReplicaDataSource.builder("orders")
        .primary("0", get(0).pool())
        .probeVia("0", get(0).aside())
        .replica("1", get(1).pool())
        .probeVia("1", get(1).aside())
        .probe(this)
        .probeInterval(Duration.ofHours(1))
        .probeTimeout(Duration.ofSeconds(5));
  }

  ScriptedServers(int count) {
    for (int index = 0; index < count; index++) {
      servers.add(new Server(index));
    }
    servers.get(0).is(NodeRole.PRIMARY, 1, 100);
  }

  Server get(int index) {
    return servers.get(index);
  }

  List<ProbeConnections> connections() {
    return List.copyOf(servers);
  }

  static NodeStatus statusOf(int index, NodeRole role, long timeline, long position) {
    return new NodeStatus(
        role,
        "cluster",
        "run of " + index,
        OptionalLong.of(timeline),
        position,
        true,
        Optional.empty());
  }

  private static Statement statementOf(Server server, Connection connection) {
    return (Statement)
        Proxy.newProxyInstance(
            ScriptedServers.class.getClassLoader(),
            new Class<?>[] {Statement.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "execute" -> {
                    server.requireLive(connection, "08006");
                    yield false;
                  }
                  case "close", "getWarnings" -> null;
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  private static Connection connectionTo(Server server) {
    boolean[] autoCommit = {true};
    return (Connection)
        Proxy.newProxyInstance(
            ScriptedServers.class.getClassLoader(),
            new Class<?>[] {Connection.class, ToServer.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "server" -> server;
                  case "getAutoCommit" -> autoCommit[0];
                  case "setAutoCommit" -> {
                    autoCommit[0] = (boolean) arguments[0];
                    yield null;
                  }
                  case "isReadOnly" -> false;
                  case "setReadOnly" -> null;
                  case "unwrap" -> proxy;
                  case "rollback" -> {
                    server.requireLive((Connection) proxy, "08003");
                    yield null;
                  }
                  case "createStatement" -> statementOf(server, (Connection) proxy);
                  case "abort" -> {
                    server.aborted.incrementAndGet();
                    server.gone((Connection) proxy);
                    yield null;
                  }
                  case "close" -> {
                    server.givenBack((Connection) proxy);
                    Error bug = server.closing;
                    if (bug != null) {
                      throw bug;
                    }
                    yield null;
                  }
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  case "toString" -> "connection to " + server.index;
                  default -> throw new UnsupportedOperationException(method.toString());
                });
  }

  /** What a connection of these is, too. */
  interface ToServer {
    Server server();
  }

  private static Server serverOf(Connection connection) {
    return ((ToServer) connection).server();
  }

  @SuppressWarnings("Interruption")
  private static void awaitDeaf(@Nullable CountDownLatch latch) {
    boolean interrupted = false;
    while (latch != null && latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public NodeStatus status(Connection connection) throws SQLException {
    return serverOf(connection).answer(connection);
  }

  @Override
  public Map<Long, Long> ends(Connection primary) throws SQLException {
    Server server = serverOf(primary);
    server.endsAsked.incrementAndGet();
    awaitDeaf(server.tellingEnds);
    SQLException refusal = server.endsRefusal;
    if (refusal != null) {
      throw refusal;
    }
    return server.ends;
  }

  @Override
  public Position written(Connection primary) throws SQLException {
    NodeStatus status = status(primary);
    return new Position(status.timeline().getAsLong(), status.position());
  }

  @Override
  public long visible(Connection replica) throws SQLException {
    return status(replica).position();
  }

  @Override
  public void makeSessionReadOnly(Connection connection, boolean readOnly) {}

  @Override
  public FailureKind classify(SQLException failure) {
    return NoFreshReplicaException.SQL_STATE.equals(failure.getSQLState())
        ? FailureKind.STATEMENT
        : FailureKind.CONNECTION_LOST;
  }
}
