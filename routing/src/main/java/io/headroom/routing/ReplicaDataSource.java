package io.headroom.routing;

import io.headroom.CloseActions;
import io.headroom.RequestContext;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.jdbc.ConnectionSource;
import io.headroom.jdbc.LazyDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A data source over one primary and its replicas.
 *
 * <pre>{@code
 * ReplicaDataSource orders =
 *     ReplicaDataSource.builder("orders")
 *         .primary("a", poolA)
 *         .replica("b", poolB)
 *         .replica("c", poolC)
 *         .build();
 *
 * try (Connection connection = orders.getConnection()) {
 *   connection.setReadOnly(true); // on the best fresh replica; without it, on the primary
 * }
 * }</pre>
 *
 * <p>Work is read-write unless it is declared read-only before its first statement: by {@code
 * setReadOnly(true)}, which Spring's {@code @Transactional(readOnly = true)} does, or by {@link
 * #AUTOCOMMIT_READS}. No SQL is parsed. The physical connection is taken at the first statement and
 * kept until {@code close()}.
 *
 * <p><b>Which copy a read gets</b> is a matter of {@link Consistency}; by default one that has what
 * the request's token (see {@link RequestContext#token}) says was seen. Own writes put their
 * position there, so within an attached context a read always sees them. A read-only connection
 * never writes, wherever it runs: the server answers 25006. That is a setting of the pooled
 * session, which SQL can lift: {@code RESET ALL} or {@code DISCARD ALL} on a read-only connection
 * does so for later borrowers as well, with autocommit, until the connection has been borrowed for
 * writes.
 *
 * <p><b>Who is the primary</b> is asked of the servers themselves, not of the configuration:
 * exactly one writer on the highest timeline is it. While there is none, or while there are two,
 * writes and {@link Consistency#STRONG} reads wait for a bound and then fail with {@link
 * NoPrimaryException}, and other reads go on.
 *
 * <p><b>Deadlines.</b> Nobody is held for longer than the request has left, but by a pool, whose
 * time-out is its own. Work that a request begins after its deadline fails at once with {@link
 * java.sql.SQLTimeoutException}.
 *
 * <p>Safe for use by many threads; a connection belongs to one thread at a time. {@link #close}
 * ends the probes and closes none of the pools.
 */
public final class ReplicaDataSource extends LazyDataSource implements AutoCloseable {

  /**
   * The attribute of a {@link RequestContext} by which work with autocommit counts as declared
   * read-only: for requests that write in transactions only, and whose views load lazily after the
   * transaction has ended (Spring's open session in view). A write with autocommit then fails with
   * 25006.
   *
   * <pre>{@code
   * RequestContext.builder().with(ReplicaDataSource.AUTOCOMMIT_READS, true).build();
   * }</pre>
   */
  public static final RequestContext.Key<Boolean> AUTOCOMMIT_READS =
      RequestContext.Key.named("headroom.autocommit-reads");

  private static final int MOST_RUNS = 3;

  private final Routes routes;
  private final WritePath writes;
  private final ReadPath reads;
  private final CloseActions closing = new CloseActions();

  /**
   * Over its parts.
   *
   * @param ours closes what was opened for it
   */
  ReplicaDataSource(Routes routes, Runnable ours) {
    this.routes = routes;
    closing.add(ours);
    this.writes = new WritePath(routes);
    this.reads = new ReadPath(routes, writes);
  }

  /**
   * Starts a data source.
   *
   * @param cluster its name: in messages and metrics, in tokens (where a hash of the database's own
   *     identity follows it), and as the resource whose load spares the primary; the same in every
   *     service that passes tokens on; 50 bytes at most
   * @return a builder
   * @throws IllegalArgumentException if the name is blank or too long
   */
  public static ReplicaDataSourceBuilder builder(String cluster) {
    return new ReplicaDataSourceBuilder(cluster);
  }

  @Override
  public Binding bind(BindRequest request) throws SQLException {
    requireOpen();
    if (!request.readOnly()) {
      return isLazyLoad(request)
          ? reads.bind(asRead(request)).within(UndeclaredRead.HOOKS)
          : writes.bind(request);
    }
    return request.forMetadata() ? reads.bindForMetadata(request) : reads.bind(request);
  }

  /** Without probes a replaced primary would be written to. */
  private void requireOpen() throws SQLException {
    if (!routes.monitor().isWatching()) {
      throw new SQLNonTransientConnectionException(
          "the data source of cluster '"
              + name()
              + "' is closed, or its ProbeThreads are: close it after its last use, and those last",
          "08003");
    }
  }

  private static BindRequest asRead(BindRequest request) {
    return BindRequest.of(true, true, request.isolation());
  }

  private static boolean isLazyLoad(BindRequest request) {
    return request.autoCommit() && autoCommitReads(request.context());
  }

  static boolean autoCommitReads(RequestContext context) {
    return Boolean.TRUE.equals(context.get(AUTOCOMMIT_READS));
  }

  /**
   * Does work on a read-only connection, and does it again, on another copy where there is one that
   * will do, if a replica ended it: to apply a change that it was in the way of (40001, 40P01), or
   * by going away. Not once the request's deadline has passed, and not if it got no connection: all
   * copies were tried for that.
   *
   * <pre>{@code
   * List<Order> open = orders.read(connection -> openOrders(connection, customer));
   * }</pre>
   *
   * @param work what to do; it may be done up to three times, so it must hand nothing on but what
   *     it returns
   * @param <T> what it returns
   * @param <X> what it throws beside {@link SQLException}
   * @return what it returned
   * @throws SQLException the last failure, with those before it suppressed; or another failure at
   *     once
   * @throws X if the work does, at once
   */
  public <T extends @Nullable Object, X extends Exception> T read(ReadWork<T, X> work)
      throws SQLException, X {
    RepeatedRead repeated = new RepeatedRead();
    ConnectionSource preferringOthers = request -> bind(request, repeated);
    SQLException before = null;
    for (int run = 1; ; run++) {
      repeated.begins();
      try (Connection connection = open(preferringOthers)) {
        connection.setReadOnly(true);
        return work.read(connection);
      } catch (SQLException failure) {
        if (before != null) {
          failure.addSuppressed(before);
        }
        boolean again = !repeated.wasRefused() && mayBeRepeated(failure) && isWaitedFor();
        if (run == MOST_RUNS || !again) {
          throw failure;
        }
        before = failure;
      }
    }
  }

  private Binding bind(BindRequest request, RepeatedRead repeated) throws SQLException {
    repeated.wantsOne();
    Binding bound =
        request.readOnly() && !request.forMetadata() && routes.monitor().isWatching()
            ? reads.bind(request, repeated)
            : bind(request);
    repeated.hasOne();
    return bound;
  }

  /** Whether anybody still is there to hear what it comes to. */
  private static boolean isWaitedFor() {
    return Routes.isInTime(RequestContext.current()) && !Thread.currentThread().isInterrupted();
  }

  private boolean mayBeRepeated(SQLException failure) {
    return switch (routes.probe().classify(failure)) {
      case READ_CONFLICT, CONNECTION_LOST, SESSION_ENDED, CONNECTION_CLOSED -> true;
      case READ_ONLY, STATEMENT -> false;
    };
  }

  /**
   * Returns the name given to the builder.
   *
   * @return the cluster's name
   */
  public String name() {
    return routes.cluster();
  }

  /**
   * Returns how each node fares now.
   *
   * @return a view of each, in the order in which they were configured
   */
  public List<NodeView> nodes() {
    Topology topology = routes.monitor().current();
    long now = routes.time().nanoTime();
    return routes.nodes().stream().map(node -> NodeView.of(node, topology, now)).toList();
  }

  /** One node's view, by its index. */
  NodeView node(int index) {
    return NodeView.of(
        routes.nodes().get(index), routes.monitor().current(), routes.time().nanoTime());
  }

  Routes routes() {
    return routes;
  }

  /** Has something more done at {@link #close}, once. */
  void onClose(Runnable more) {
    closing.add(more);
  }

  /**
   * Ends the probes, and gives no connection from then on; those in use stay. Does nothing when
   * closed already. The pools are closed by whoever made them, after this.
   *
   * @throws IllegalStateException if something of the application's has failed meanwhile, such as
   *     the end of a span or a listener of a meter registry; all is closed nevertheless
   */
  @Override
  public void close() {
    try {
      closing.run();
    } catch (RuntimeException e) {
      throw new IllegalStateException("cluster '" + name() + "' could not be closed cleanly", e);
    }
  }

  @Override
  public String toString() {
    Topology topology = routes.monitor().current();
    return "ReplicaDataSource["
        + routes.cluster()
        + ", primary "
        + topology.primary()
        + ", nodes "
        + routes.nodes()
        + "]";
  }
}
