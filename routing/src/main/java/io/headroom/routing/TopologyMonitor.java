package io.headroom.routing;

import io.headroom.CloseActions;
import io.headroom.RequestContext;
import io.headroom.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps watch over the nodes of one data source: probes all of them in parallel, tells each {@link
 * Node} what it answered, and publishes who is the primary.
 *
 * <p>Every node is probed on its own, so one that hangs delays no other. In the first minute
 * without a primary the probes come five times as often; whenever the primary fails or changes, all
 * nodes are probed at once. Thread-safe.
 */
final class TopologyMonitor implements Borrowing.Watch, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TopologyMonitor.class);

  /** How much more often nodes are probed while there is no primary, and for how long. */
  private static final int HURRY = 5;

  private static final long HURRY_NANOS = Duration.ofMinutes(1).toNanos();

  /** How many intervals apart the probes of a node are that has long been down. */
  private static final int MOST_PATIENCE = 4;

  private final String name;
  private final List<Node> nodes;
  private final ReplicationProbe probe;
  private final MonitorSettings settings;
  private final ProbeThreads threads;
  private final TimeSource time;
  private final ProbeObserver observer;
  private final TopologyJudge judge;
  private final List<NodeProber> probers = new ArrayList<>();
  private final List<NodeMemory> memories = new ArrayList<>();
  private final TimelineMemory timelines;
  private final TopologyNews news;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All guarded by the lock.
  private final boolean[] tried;
  private final @Nullable String[] defects;
  private long endsWantedFor = -1;

  /** Written with the lock held. */
  private volatile Verdict verdict = Verdict.NONE;

  private volatile Topology current = Verdict.NONE.topology();
  private volatile @Nullable String cluster;
  private volatile boolean closed;
  private volatile long primaryLostNanos;

  /**
   * Creates a monitor; nothing runs before {@link #start}.
   *
   * @param name the data source's name, for the log
   * @param nodes its nodes, in the order of their indexes; the first is the one that was configured
   *     as the primary
   * @param connections where each node's probes get their connections, in the same order
   * @param probe what is asked
   * @param settings how often, and how long
   * @param threads who asks; not closed with the monitor
   * @param store what remembers timelines beyond this process, if anything does
   * @param time the clock of the samples
   * @param observer is told of each probe
   */
  TopologyMonitor(
      String name,
      List<Node> nodes,
      List<ProbeConnections> connections,
      ReplicationProbe probe,
      MonitorSettings settings,
      ProbeThreads threads,
      @Nullable TimelineStore store,
      TimeSource time,
      ProbeObserver observer) {
    this.name = name;
    this.nodes = List.copyOf(nodes);
    this.probe = probe;
    this.settings = settings;
    this.threads = threads;
    this.timelines = new TimelineMemory(name, store);
    this.news = new TopologyNews(name, this.nodes);
    this.time = time;
    this.primaryLostNanos = time.nanoTime();
    this.observer = observer;
    this.judge = new TopologyJudge(settings.downAfterNanos());
    this.tried = new boolean[nodes.size()];
    this.defects = new @Nullable String[nodes.size()];
    for (int index = 0; index < nodes.size(); index++) {
      memories.add(new NodeMemory());
      probers.add(
          new NodeProber(
              nodes.get(index),
              connections.get(index),
              probe,
              settings,
              threads,
              time,
              new Outcomes()));
    }
  }

  /** Begins to probe. Returns at once; {@link #awaitPrimary} waits for what comes of it. */
  void start() {
    probeAll();
  }

  /** Who is the primary, as far as is known. One volatile read. */
  Topology current() {
    return current;
  }

  /** Whether what is known is still kept up to date. */
  boolean isWatching() {
    return !closed && !threads.isClosed();
  }

  /** Which database this is about; null before any node answered. One volatile read. */
  @Nullable String cluster() {
    return cluster;
  }

  /**
   * Probes a node and waits for the answer: of a probe that begins after this call, since one that
   * is under way may have asked before whatever made the caller doubt. Calls at one time share a
   * probe.
   *
   * @param node which
   * @param bound how long to wait at most
   * @return whether it answered in time; what it said is in {@link Node#sample()}, and what that
   *     means in {@link #current()}
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  boolean probeNow(Node node, Duration bound) throws InterruptedException {
    NodeProber prober = probers.get(node.index());
    return prober.await(prober.request(), bound.toNanos());
  }

  /**
   * Waits for a primary.
   *
   * @param sinceVersion the version of a topology that will not do, as its primary is gone; a
   *     negative number if any will
   * @param bound how long to wait at most
   * @return the topology as it is then, which has no primary if the time is up
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  Topology awaitPrimary(long sinceVersion, Duration bound) throws InterruptedException {
    long left = bound.toNanos();
    lock.lock();
    try {
      while (!closed
          && left > 0
          && (current.primary() == null || current.version() <= sinceVersion)) {
        left = changed.awaitNanos(left);
      }
      return current;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Learns from a token that a timeline exists: from this call on nothing on a lower one is written
   * to, and all nodes are probed. What a token claims is not stored, so a bad one is forgotten with
   * the process.
   */
  @Override
  public void sawTimeline(long timeline) {
    if (timeline > current.timeline()) {
      reconsider(() -> verdict = verdict.claiming(timeline));
      threads.endings().execute(news::tell); // the caller has a request to answer
      probeAll();
    }
  }

  /**
   * Calls back after each change, in the order of the versions, one call at a time; not before
   * there is a primary, or every node has answered or failed once. The calls come from the threads
   * that probe, or that end what hangs: they may take a moment, and must not wait for a probe.
   */
  void onChange(Consumer<Topology> listener) {
    news.onChange(listener);
  }

  /**
   * Adds to an answer that a node gave outside of the monitor what the same run of the server told
   * before.
   */
  @Override
  public NodeStatus complete(Node node, NodeStatus answer) {
    return memories.get(node.index()).complete(answer);
  }

  @Override
  public boolean answers(Node node, RequestContext inTime) {
    long bound = Routes.nanosLeft(settings.timeout(), inTime);
    try {
      return probeNow(node, Duration.ofNanos(bound));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Its name may have come to mean another server, which the probe's old connection hides. */
  @Override
  public void movedOn(Node node, String run) {
    probers.get(node.index()).reopen(run);
  }

  /** Ends probing, and every wait. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    CloseActions all = new CloseActions();
    probers.forEach(prober -> all.add(prober::close));
    all.run();
  }

  private void probeAll() {
    probers.forEach(NodeProber::request);
  }

  /** Changes what the judge goes on from, has it judge, publishes, and tells. */
  private void update(Runnable change) {
    reconsider(change);
    news.tell();
  }

  /** The same, and leaves it to the caller to tell; whether there is something to be told. */
  private boolean reconsider(Runnable change) {
    Topology before;
    Topology after;
    lock.lock();
    try {
      change.run();
      before = current;
      verdict = judge.judge(verdict, sightings(), timelines.highest(), time.nanoTime());
      cluster = verdict.cluster();
      publish();
      after = current;
    } finally {
      lock.unlock();
    }
    if (before.primary() != after.primary()) {
      probeAll();
    }
    return before.version() != after.version();
  }

  private List<Sighting> sightings() {
    List<Sighting> all = new ArrayList<>(nodes.size());
    for (Node node : nodes) {
      int index = node.index();
      NodeStatus asReplica = memories.get(index).asReplica();
      all.add(
          new Sighting(node, node.sample(), tried[index], node.isUp(), asReplica, defects[index]));
    }
    return all;
  }

  /** With the lock held. */
  private void publish() {
    Topology now = verdict.topology();
    Topology before = current;
    if (now.version() == before.version()) {
      return;
    }
    current = now;
    Node primary = now.primary();
    if (primary != before.primary() || !now.ends().equals(before.ends())) {
      endsWantedFor = primary == null ? -1 : now.ends().timeline();
    }
    if (primary == null && before.primary() != null) {
      primaryLostNanos = time.nanoTime();
    }
    if (primary != null || allTried()) {
      news.add(now);
    } // else it has just been started, and that nobody has answered yet is no trouble
    changed.signalAll();
  }

  /** With the lock held. */
  private boolean allTried() {
    for (boolean one : tried) {
      if (!one) {
        return false;
      }
    }
    return true;
  }

  /** The monitor's side of its probers. */
  private final class Outcomes implements NodeProber.Outcomes {

    @Override
    public NodeProber.Answer answered(Node node, Sample sample) {
      NodeStatus status = memories.get(node.index()).complete(sample.status());
      Sample completed = new Sample(sample.beganNanos(), sample.endedNanos(), status);
      if (!node.isUp()) {
        LOG.info("{}: node '{}' answers: {}", name, node, status.inWords());
      }
      timelines.recall(status.cluster());
      boolean isNews =
          reconsider(
              () -> {
                tried[node.index()] = true;
                defects[node.index()] = null;
                node.answered(completed);
              });
      return new NodeProber.Answer() {
        @Override
        public void askMore(Connection connection) {
          if (isNews) { // which does not wait for a question that may hang: the next probe asks it
            probeForEnds(node);
          } else {
            askForEnds(node, connection);
          }
        }

        @Override
        public void tell() {
          news.tell();
          timelines.keep(verdict);
          observer.onAnswer(node, completed);
        }
      };
    }

    @Override
    public void failed(Node node, Exception cause) {
      boolean wasUp = node.isUp();
      boolean[] first = new boolean[1];
      boolean wasPrimary = current.primary() == node;
      update(
          () -> {
            first[0] = !tried[node.index()];
            tried[node.index()] = true;
            defects[node.index()] = defect(cause);
            node.failed();
          });
      if (wasUp || first[0]) {
        LOG.warn("{}: node '{}' does not answer: {}", name, node, cause.toString());
      } else {
        LOG.debug("{}: node '{}' still does not answer", name, node, cause);
      }
      if (wasPrimary) {
        probeAll();
      }
      observer.onFailure(node, cause);
    }

    @Override
    public long nextInNanos(int failures, boolean hangs) {
      long every = settings.every().toNanos();
      if (current.primary() == null && time.nanoTime() - primaryLostNanos < HURRY_NANOS) {
        return hangs ? every : every / HURRY;
      }
      return every * Math.max(1, Math.min(failures, MOST_PATIENCE));
    }
  }

  /** What only a person can mend, so that it belongs into the message; else null. */
  private static @Nullable String defect(Exception cause) {
    String state = cause instanceof SQLException failure ? failure.getSQLState() : null;
    boolean lasting =
        cause instanceof SQLFeatureNotSupportedException
            || cause instanceof SQLInvalidAuthorizationSpecException
            || (state != null && (state.startsWith("28") || state.startsWith("3D")))
            || (cause instanceof SQLException full && ProbeConnections.saysFull(full));
    return lasting ? cause.getMessage() : null;
  }

  private boolean tellsEnds(Node node, Topology now) {
    lock.lock();
    try {
      return now.primary() == node && endsWantedFor == now.ends().timeline();
    } finally {
      lock.unlock();
    }
  }

  /** At once, as soon as the probe that is under way has ended. */
  private void probeForEnds(Node node) {
    if (tellsEnds(node, current)) {
      probers.get(node.index()).request();
    }
  }

  /**
   * Again with the next probe where that fails; one that may not tell answers that nothing ended.
   */
  private void askForEnds(Node node, Connection connection) {
    Topology now = current;
    if (!tellsEnds(node, now)) {
      return;
    }
    try {
      learn(node, now.ends().timeline(), probe.ends(connection));
    } catch (SQLException | RuntimeException e) { // what it has answered is told all the same
      LOG.debug("{}: node '{}' does not tell where timelines ended", name, node, e);
    }
  }

  private void learn(Node node, long timeline, Map<Long, Long> told) {
    lock.lock();
    try {
      TimelineEnds ends = verdict.topology().ends();
      if (verdict.topology().primary() == node && ends.timeline() == timeline) {
        verdict = verdict.with(ends.with(told));
        publish();
        endsWantedFor = -1;
      }
    } finally {
      lock.unlock();
    }
  }
}
