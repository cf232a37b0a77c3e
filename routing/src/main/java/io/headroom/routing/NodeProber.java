package io.headroom.routing;

import io.headroom.TimeSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes one node, one probe at a time, on a connection of its own, and schedules the next.
 *
 * <p>A probe that takes too long is given up: its connection is aborted, which ends the wait of
 * every driver that has one, and whoever waits for the probe is told. No other is begun until its
 * thread has come back, so that a node that hangs holds one thread and no more, and until its
 * failure was told, so that what is told last is what was asked last. Thread-safe.
 */
final class NodeProber {

  private static final Logger LOG = LoggerFactory.getLogger(TopologyMonitor.class);

  /** What a prober tells its monitor, and asks of it. Called by the threads that probe. */
  interface Outcomes {

    /** The node answered: that holds from now on, and what is left to do is returned. */
    Answer answered(Node node, Sample sample);

    /** It could not be asked, or did not answer in time. */
    void failed(Node node, Exception cause);

    /** How long until the next probe, before jitter. */
    long nextInNanos(int failures, boolean hangs);
  }

  /** What is to be done with an answer, the one whatever comes of the other. */
  interface Answer {

    /**
     * Asks what else is to be known, if whoever is told can wait for that.
     *
     * @param connection is open, and not for longer: it may be one of the application's, which
     *     whoever is told wants
     */
    void askMore(Connection connection);

    /** Tells whoever listens. */
    void tell();
  }

  private enum State {
    IDLE,
    QUEUED,
    RUNNING
  }

  private final Node node;
  private final ProbeConnection connection;
  private final MonitorSettings settings;
  private final ProbeThreads threads;
  private final Outcomes outcomes;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition probeEnded = lock.newCondition();

  // All guarded by the lock.
  private State state = State.IDLE;
  private long begun;
  private long ended;
  private boolean again;
  private boolean closed;
  private boolean hangs;
  private int failures;
  private @Nullable Future<?> next;

  NodeProber(
      Node node,
      ProbeConnections connections,
      ReplicationProbe probe,
      MonitorSettings settings,
      ProbeThreads threads,
      TimeSource time,
      Outcomes outcomes) {
    this.node = node;
    this.connection = new ProbeConnection(node, connections, probe, settings.reopenEvery(), time);
    this.settings = settings;
    this.threads = threads;
    this.outcomes = outcomes;
  }

  /**
   * Asks for a probe that begins from now on, as soon as there is a thread.
   *
   * @return its number, for {@link #await}
   */
  long request() {
    lock.lock();
    try {
      if (state == State.RUNNING) {
        again = true;
      } else if (state == State.IDLE && !closed) {
        submit();
      }
      return begun + 1;
    } finally {
      lock.unlock();
    }
  }

  /** Asks for a probe on a new connection. */
  void reopen(String run) {
    connection.leadsElsewhere(run);
    request();
  }

  /**
   * Waits until a probe has ended, or was given up.
   *
   * @return whether that, or the last one after it, was answered
   */
  boolean await(long number, long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (ended < number && !closed && left > 0) {
        left = probeEnded.awaitNanos(left);
      }
      return ended >= number && failures == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Ends probing. A probe that is under way is cut off. */
  void close() {
    lock.lock();
    try {
      closed = true;
      cancelNext();
      probeEnded.signalAll();
      if (state == State.RUNNING) {
        connection.abort(threads.endings());
      } else {
        threads.endings().execute(connection::drop);
      }
    } finally {
      lock.unlock();
    }
  }

  /** With the lock held. */
  private void submit() {
    cancelNext();
    ProbeThreads.Lane lane = threads.lane(hangs);
    state = lane.run(() -> run(lane)) ? State.QUEUED : State.IDLE;
  }

  private void cancelNext() {
    Future<?> scheduled = next;
    if (scheduled != null) {
      scheduled.cancel(false);
      next = null;
    }
  }

  private void run(ProbeThreads.Lane lane) {
    ProbeAttempt attempt = begin(lane);
    if (attempt == null) {
      return;
    }
    Future<?> watchdog =
        threads.after(
            settings.timeout().toNanos(), () -> threads.endings().execute(() -> giveUp(attempt)));
    try {
      Sample sample = connection.ask(attempt);
      if (attempt.decide(true)) {
        goOnWith(outcomes.answered(node, sample));
      }
    } catch (SQLException | RuntimeException | Error e) {
      try {
        connection.drop();
      } finally {
        if (attempt.decide(false)) {
          outcomes.failed(node, e instanceof Exception failure ? failure : new SQLException(e));
        } else if (attempt.answered()) {
          LOG.warn(
              "node '{}' has answered a probe; what was to follow failed, and the next probe is on"
                  + " another connection",
              node,
              e);
        } // else it was given up, and this comes of that
      }
    } finally {
      if (watchdog != null) {
        watchdog.cancel(false);
      }
      try {
        connection.giveBack();
      } finally {
        finish(attempt);
      }
    }
  }

  private void goOnWith(Answer answer) throws SQLException {
    try {
      answer.askMore(connection.inUse());
    } finally {
      try {
        connection.giveBack();
      } finally {
        tell(answer);
      }
    }
  }

  /** What is thrown here says nothing of the connection, which may be the last that there is. */
  private void tell(Answer answer) {
    try {
      answer.tell();
    } catch (RuntimeException | Error e) {
      LOG.warn("not everybody could be told what node '{}' has answered", node, e);
    }
  }

  private @Nullable ProbeAttempt begin(ProbeThreads.Lane lane) {
    lock.lock();
    try {
      if (closed) {
        state = State.IDLE;
        return null;
      }
      state = State.RUNNING;
      again = false;
      begun++;
      return new ProbeAttempt(begun, lane, Thread.currentThread());
    } finally {
      lock.unlock();
    }
  }

  /** The probe has taken too long. */
  private void giveUp(ProbeAttempt attempt) {
    boolean decided = attempt.giveUp();
    boolean wasClosed = false;
    try {
      if (decided) {
        outcomes.failed(
            node,
            new SQLTimeoutException("no answer to a probe in " + settings.timeout(), "08006"));
      }
    } finally {
      lock.lock();
      try {
        if (decided) {
          ended(attempt, false);
        }
        if (!attempt.finished) {
          lose(attempt, decided);
        } else if (decided) {
          wasClosed = closed;
          goOn(); // its thread has come back already, and left that to this
        }
      } finally {
        lock.unlock();
      }
    }
    if (wasClosed) {
      connection.drop();
    }
  }

  /** With the lock held. */
  private void lose(ProbeAttempt attempt, boolean decided) {
    attempt.lost = true;
    attempt.lane.lost();
    hangs |= decided;
    connection.abort(threads.endings());
    if (connection.isOpening()) {
      attempt.thread.interrupt(); // it waits for a connection; some pools and drivers hear that
    }
  }

  private void finish(ProbeAttempt attempt) {
    boolean wasClosed;
    lock.lock();
    try {
      attempt.finished = true;
      if (attempt.lost) {
        attempt.lane.found();
        Thread.interrupted(); // meant for the probe, which is over
      } else {
        hangs = false;
      }
      if (ended < attempt.number && !attempt.givenUp()) {
        ended(attempt, attempt.answered());
      }
      wasClosed = closed;
      if (ended == attempt.number) {
        goOn();
      } // else it was given up just now: first that is told, or it would undo what the next tells
    } finally {
      lock.unlock();
    }
    if (wasClosed) {
      connection.drop();
    }
  }

  /** With the lock held, once a probe's thread has come back and what came of it was told. */
  private void goOn() {
    state = State.IDLE;
    if (again && !closed) {
      submit();
    } else if (!closed) {
      long nanos = Nanos.jittered(outcomes.nextInNanos(failures, hangs));
      next = threads.after(nanos, this::request);
    }
  }

  /** With the lock held. */
  private void ended(ProbeAttempt attempt, boolean answered) {
    ended = attempt.number;
    failures = answered ? 0 : failures + 1;
    probeEnded.signalAll();
  }
}
