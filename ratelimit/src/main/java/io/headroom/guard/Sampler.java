package io.headroom.guard;

import io.headroom.Criticality;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Looks at a pool once a window, and makes a {@link PoolSample} of what has changed since the last
 * time. Not thread-safe.
 */
final class Sampler {

  private static final Criticality[] ALL = Criticality.values();
  private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

  /** Of a window's figures in the running ones: those of all before it count for as much. */
  private static final double OF_WINDOW = 0.5;

  /** The same of figures over a second: in a window chance decides on how long holds are. */
  private static final double OF_SECOND = 0.1;

  /** How long they take is not known by so few. */
  private static final double FEW = 0.01;

  private static final double MOST_PER_REQUEST = 100;

  private final Gate gate;
  private final Holds holds;
  private final Tally tally;
  private final DoorCounts door;
  private final DoorCounts doorOfAll;

  private final long[] askedAtDoor = new long[Rank.COUNT];
  private final long[] refusedAtDoor = new long[Rank.COUNT];

  /** How often a request that was let in asks here. */
  private final double[] perRequest = new double[Rank.COUNT];

  private final long[] asked = new long[Rank.COUNT];
  private final double[] offered = new double[Rank.COUNT];
  private long letIn;
  private long waited;
  private long overtook;
  private long overtookWaiting;
  private long turnedAway;
  private long sinceTurnedAway;
  private double recentlyEnded;
  private double recentlyHeldNanos;
  private long ended;
  private long heldNanos;
  private long busyNanos;
  private long lastNanos;
  private double meanHoldNanos;
  private double utilization;
  private volatile boolean doorInUse;

  /**
   * Creates it.
   *
   * @param door who asked at the door for this pool
   * @param doorOfAll who asked there for any pool
   */
  Sampler(
      Gate gate, Holds holds, Tally tally, DoorCounts door, DoorCounts doorOfAll, long nowNanos) {
    this.gate = gate;
    this.holds = holds;
    this.tally = tally;
    this.door = door;
    this.doorOfAll = doorOfAll;
    this.lastNanos = nowNanos;
    Arrays.fill(perRequest, 1);
  }

  /** What is seen of the connections that are held, in one go over them. */
  private static final class Seen {
    private long openNanos;
    private long youngestNanos = Long.MAX_VALUE;
    private long oldestWaitNanos;
    private int unconnected;

    void add(Hold hold, long nowNanos) {
      long age = Math.max(0, nowNanos - hold.sinceNanos());
      openNanos += age;
      if (hold.isConnected()) {
        youngestNanos = Math.min(youngestNanos, age);
      } else {
        unconnected++;
        oldestWaitNanos = Math.max(oldestWaitNanos, nowNanos - hold.askedNanos());
      }
    }
  }

  PoolSample take(long nowNanos) {
    long elapsed = Math.max(1, nowNanos - lastNanos);
    lastNanos = nowNanos;
    int waiting = gate.waiting();
    Seen seen = new Seen();
    holds.forEach(hold -> seen.add(hold, nowNanos));

    double came = measureOffered(elapsed);
    measureHolds();
    int limit = gate.reach();
    double wantedNanos = recentlyEnded > FEW ? came * recentlyHeldNanos / recentlyEnded : 0;
    measureUtilization(seen, elapsed, limit);

    long oldestWait = Math.max(seen.oldestWaitNanos, gate.oldestWaitNanos(nowNanos));
    long lately = letIn(waiting + seen.unconnected);
    long delay = delay(lately, waiting, oldestWait);
    boolean anyTurnedAway = anyTurnedAway();
    sinceTurnedAway = anyTurnedAway ? 0 : sinceTurnedAway + lately;
    boolean anyWaits = anyTurnedAway || waiting > 0 || seen.unconnected > 0;
    boolean full = gate.inUse() >= gate.limit();
    long still = Math.min(nowNanos - tally.lastEndNanos(), seen.youngestNanos);
    return new PoolSample(
        offered.clone(),
        meanHoldNanos > 0 ? limit * SECOND / meanHoldNanos : 0,
        wantedNanos / ((double) elapsed * limit),
        utilization,
        delay,
        oldestWait,
        anyWaits ? full ? still : Math.min(oldestWait, still) : 0,
        Math.round(meanHoldNanos),
        sinceTurnedAway);
  }

  /** Whether anybody asked at the door in the last window. For all threads. */
  boolean isDoorInUse() {
    return doorInUse;
  }

  /** How many came in the window, with those that were refused at the door. */
  private double measureOffered(long elapsed) {
    boolean anyAtDoor = false;
    double all = 0;
    for (Criticality each : ALL) {
      int i = Rank.of(each);
      long now = tally.askedCount(each);
      long came = now - asked[i];
      asked[i] = now;
      long atDoor = askedAtDoor[i];
      double withShed = came + shedAtTheDoor(each, came);
      all += withShed;
      double perSecond = withShed * SECOND / elapsed;
      anyAtDoor |= askedAtDoor[i] > atDoor;
      offered[i] += OF_WINDOW * (perSecond - offered[i]);
    }
    doorInUse = anyAtDoor;
    return all;
  }

  /** How many would have come as well, had they not been refused at the door. */
  private double shedAtTheDoor(Criticality criticality, long came) {
    int i = Rank.of(criticality);
    long askedNow = door.askedCount(criticality) + doorOfAll.askedCount(criticality);
    long refusedNow = door.refusedCount(criticality) + doorOfAll.refusedCount(criticality);
    long shed = refusedNow - refusedAtDoor[i];
    long letIn = askedNow - askedAtDoor[i] - shed;
    askedAtDoor[i] = askedNow;
    refusedAtDoor[i] = refusedNow;
    if (letIn > 0) {
      double ratio = Math.min(MOST_PER_REQUEST, came / (double) letIn);
      perRequest[i] += OF_WINDOW * (ratio - perRequest[i]);
    }
    return shed * perRequest[i];
  }

  private void measureHolds() {
    long nowEnded = tally.endedCount();
    long nowHeld = tally.heldNanos();
    recentlyEnded += (nowEnded - ended) - OF_SECOND * recentlyEnded;
    recentlyHeldNanos += (nowHeld - heldNanos) - OF_SECOND * recentlyHeldNanos;
    if (nowEnded > ended) {
      double mean = Math.max(1.0, (nowHeld - heldNanos) / (double) (nowEnded - ended));
      double step = meanHoldNanos == 0 ? 1 : OF_WINDOW;
      meanHoldNanos += step * (mean - meanHoldNanos);
    }
    ended = nowEnded;
    heldNanos = nowHeld;
  }

  /** By the time that all connections together have been held until now, the open ones too. */
  private void measureUtilization(Seen seen, long elapsed, int limit) {
    long busy = heldNanos + seen.openNanos;
    double ofWindow = Math.max(0, busy - busyNanos) / ((double) elapsed * limit);
    busyNanos = busy;
    double weight = Math.min(1, elapsed / SECOND);
    utilization += weight * (Math.min(1, ofWindow) - utilization);
  }

  /** How many have been let in since the last window, of all that asked. */
  private long letIn(long notYet) {
    long now = -notYet;
    for (Criticality each : ALL) {
      now += tally.askedCount(each) - tally.refusedCount(each);
    }
    long lately = now - letIn;
    letIn = now;
    return lately;
  }

  /** None, if anybody was let in without waiting; those who overtake others say nothing of it. */
  private long delay(long lately, int waiting, long oldestWait) {
    long shortest = tally.takeShortestWait();
    long nowWaited = tally.waitedCount();
    long nowOvertookWaiting = tally.overtookCount();
    long nowOvertook = nowOvertookWaiting + gate.overtookCount();
    long inTurn = lately - (nowOvertook - overtook);
    long afterWaiting = (nowWaited - waited) - (nowOvertookWaiting - overtookWaiting);
    waited = nowWaited;
    overtookWaiting = nowOvertookWaiting;
    overtook = nowOvertook;
    if (afterWaiting > 0) {
      return inTurn > afterWaiting ? 0 : Math.max(0, shortest);
    }
    return inTurn > 0 || waiting == 0 ? 0 : oldestWait;
  }

  private boolean anyTurnedAway() {
    long now = 0;
    for (Criticality each : ALL) {
      now += tally.refusedCount(each, RefusalReason.QUEUE_FULL);
      now += tally.refusedCount(each, RefusalReason.TIMED_OUT);
    }
    boolean any = now > turnedAway;
    turnedAway = now;
    return any;
  }
}
