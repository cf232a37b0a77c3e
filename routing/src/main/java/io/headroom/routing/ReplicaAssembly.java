package io.headroom.routing;

import io.headroom.CloseActions;
import io.headroom.TimeSource;
import io.headroom.jdbc.ConnectionSource;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts a data source together from what its builder was told. */
final class ReplicaAssembly {

  private static final Logger LOG = LoggerFactory.getLogger(ReplicaDataSource.class);
  private static final int MOST_THREADS = 4;
  private static final Duration LATENCY_DECAY = Duration.ofSeconds(10);
  private static final Duration SLOW_START = Duration.ofSeconds(10);

  private final RoutingOptions told;
  private final TimeSource time;
  private final SafeListener listener;
  private final List<Node> nodes = new ArrayList<>();
  private final List<ProbeConnections> probes = new ArrayList<>();

  ReplicaAssembly(RoutingOptions told) {
    this.told = told;
    this.time = told.time();
    this.listener = told.listener();
  }

  ReplicaDataSource open() {
    told.nodes().pools().forEach(this::addNode);
    ProbeThreads shared = told.probeThreads();
    ProbeThreads threads =
        shared == null ? ProbeThreads.create(Math.min(MOST_THREADS, nodes.size())) : shared;
    UpAndDown upAndDown = new UpAndDown(listener, nodes.size(), time);
    TopologyMonitor monitor =
        new TopologyMonitor(
            told.cluster(),
            nodes,
            probes,
            told.probe(),
            told.monitoring(),
            threads,
            told.timelines(),
            time,
            upAndDown);
    monitor.onChange(new Changes(nodes, listener));
    FailoverSpans failovers = new FailoverSpans(told.cluster(), told.spans());
    monitor.onChange(failovers);
    CloseActions closing = new CloseActions();
    closing.add(monitor::close);
    closing.add(failovers::close);
    if (shared == null) {
      closing.add(threads::close);
    }
    ReplicaDataSource made = new ReplicaDataSource(routes(monitor), closing);
    try {
      monitor.start();
      awaitFirstAnswers(monitor);
      StartChecks.check(told.cluster(), nodes);
      upAndDown.requireRightKind(told.cluster());
      return made;
    } catch (RuntimeException | Error unsound) {
      closeAfter(unsound, closing);
      throw unsound;
    }
  }

  static void closeAfter(Throwable unsound, Runnable closing) {
    try {
      closing.run();
    } catch (RuntimeException | Error second) {
      if (second != unsound) { // both may be the application's own
        unsound.addSuppressed(second);
      }
    }
  }

  private void addNode(String name, DataSource pool) {
    PoolControl control = new PoolControl(pool);
    if (!nodes.isEmpty() && control.isSerializable()) {
      throw new IllegalStateException(
          "the pool of replica '"
              + name
              + "' of cluster '"
              + told.cluster()
              + "' begins transactions SERIALIZABLE, which a replica refuses: set its"
              + " transactionIsolation to TRANSACTION_REPEATABLE_READ; a read that asks for"
              + " SERIALIZABLE itself runs on the primary");
    }
    NodeLoad load = new NodeLoad(LATENCY_DECAY, SLOW_START);
    Node node =
        new Node(
            nodes.size(),
            told.nodes().settings(name, control.capacity()),
            ConnectionSource.of(pool),
            control,
            load,
            new NodeHealth(name, EjectionSettings.DEFAULT, time, new Ejections(name, load)));
    nodes.add(node);
    control.patience().ifPresent(patience -> warnIfLong(name, patience));
    DataSource via = told.nodes().probedVia(name);
    probes.add(
        via == null
            ? ProbeConnections.beside(pool, told.monitoring().timeout())
            : ProbeConnections.given(via));
  }

  private void warnIfLong(String name, Duration patience) {
    Duration wait = told.waits().forPrimary();
    if (patience.compareTo(wait) > 0) {
      LOG.warn(
          "{}: the pool of node '{}' has a connectionTimeout of {}, longer than the wait for a"
              + " primary ({}): whoever waits for a connection when the server dies is held for"
              + " that long. Set it well below what a request has",
          told.cluster(),
          name,
          patience,
          wait);
    }
  }

  private Routes routes(TopologyMonitor monitor) {
    MonitorSettings monitoring = told.monitoring();
    ReadChooser chooser =
        new ReadChooser(
            nodes,
            told.localZone(),
            Duration.ofNanos(monitoring.downAfterNanos()),
            () -> ThreadLocalRandom.current().nextLong());
    Borrowing borrowing = new Borrowing(told.probe(), monitor, time);
    return new Routes(
        told.cluster(),
        List.copyOf(nodes),
        told.probe(),
        monitor,
        chooser,
        borrowing,
        new Positions(
            new TokenDomain(told.cluster(), monitor::cluster),
            told.consistency(),
            told.probe(),
            borrowing,
            monitor::answers),
        new SpillBudget(told.spillPerSecond(), burst(told.spillPerSecond()), time),
        told.waits(),
        told.loadSignal(),
        listener,
        new RouteCounts(nodes.size()),
        new RefusalLog(told.cluster(), time),
        time);
  }

  /** Half of a second's reads at once. */
  private static int burst(double perSecond) {
    return (int) Math.max(1, Math.ceil(perSecond / 2));
  }

  /** Nodes that do not answer by then are used when they come. */
  private void awaitFirstAnswers(TopologyMonitor monitor) {
    long began = time.nanoTime();
    for (Node node : nodes) {
      long left = told.monitoring().timeout().toNanos() - (time.nanoTime() - began);
      answers(monitor, node, Duration.ofNanos(Math.max(0, left)));
    }
  }

  private static boolean answers(TopologyMonitor monitor, Node node, Duration bound) {
    try {
      return monitor.probeNow(node, bound);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Passes on what becomes of a node's breaker. */
  private final class Ejections implements NodeHealth.Listener {

    private final String name;
    private final NodeLoad load;

    Ejections(String name, NodeLoad load) {
      this.name = name;
      this.load = load;
    }

    @Override
    public void ejected(Duration atLeast) {
      listener.onEjected(name, atLeast.toNanos());
    }

    @Override
    public void returned() {
      load.returned(time.nanoTime());
      listener.onReturned(name);
    }
  }

  /** Passes on when a node comes and goes. */
  private static final class UpAndDown implements ProbeObserver {

    private final SafeListener listener;
    private final boolean[] up;
    private final boolean[] wasDown;
    private final TimeSource time;

    private volatile @Nullable String wrongKind;

    UpAndDown(SafeListener listener, int nodes, TimeSource time) {
      this.listener = listener;
      this.up = new boolean[nodes];
      this.wasDown = new boolean[nodes];
      this.time = time;
    }

    @Override
    public void onAnswer(Node node, Sample sample) {
      boolean back;
      synchronized (this) {
        if (up[node.index()]) {
          return;
        }
        up[node.index()] = true;
        back = wasDown[node.index()];
      }
      if (back) {
        node.load().returned(time.nanoTime());
      }
      listener.onUp(node.name());
    }

    /** At the start alone: later it is a node that is down, for it has been of the right kind. */
    void requireRightKind(String cluster) {
      String wrong = wrongKind;
      if (wrong != null) {
        throw new IllegalStateException("cluster '" + cluster + "': " + wrong);
      }
    }

    @Override
    public void onFailure(Node node, Exception cause) {
      if (cause instanceof SQLFeatureNotSupportedException) {
        wrongKind = "node '" + node.name() + "': " + cause.getMessage();
      }
      synchronized (this) {
        if (!up[node.index()] && wasDown[node.index()]) {
          return;
        }
        up[node.index()] = false;
        wasDown[node.index()] = true;
      }
      listener.onDown(node.name(), cause);
    }
  }

  /** Drops the connections of a node whose role has changed, and passes that on. */
  private static final class Changes implements Consumer<Topology> {

    private final List<Node> nodes;
    private final SafeListener listener;
    private @Nullable Node primary;
    private @Nullable String trouble;
    private long refused;

    Changes(List<Node> nodes, SafeListener listener) {
      this.nodes = nodes;
      this.listener = listener;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // a node is one object
    public synchronized void accept(Topology now) {
      Node before = primary;
      Node after = now.primary();
      if (before != after) {
        primary = after;
        // one that is gone for a moment and comes back as the primary keeps its connections
        if (after != null) {
          nodes.stream().filter(node -> node != after && node.isPrimary()).forEach(Node::demoted);
          after.promoted();
        }
      }
      nodes.forEach(node -> node.cutOffReplaced(now));
      if (before != after) {
        listener.onPrimaryChanged(
            before == null ? null : before.name(),
            after == null ? null : after.name(),
            now.timeline());
      }
      String what = now.trouble();
      if (what != null && !what.equals(trouble)) {
        listener.onTrouble(what);
      }
      trouble = what;
      for (Node node : nodes) {
        if ((~refused & node.bit()) != 0) {
          Refusal.of(node, now)
              .ifPresent(
                  why -> listener.onTrouble("node '" + node.name() + "' is not used: " + why));
        }
      }
      refused = now.refused();
    }
  }
}
