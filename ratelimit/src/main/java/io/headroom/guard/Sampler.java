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
  private long turnedAway;
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

    measureOffered(elapsed);
    measureHolds();
    int limit = gate.reach();
    measureUtilization(seen, elapsed, limit);

    long oldestWait = Math.max(seen.oldestWaitNanos, gate.oldestWaitNanos(nowNanos));
    long delay = delay(waiting, seen, oldestWait);
    boolean anyWaits = anyTurnedAway() || waiting > 0 || seen.unconnected > 0;
    boolean full = gate.inUse() >= gate.limit();
    long still = Math.min(nowNanos - tally.lastEndNanos(), seen.youngestNanos);
    return new PoolSample(
        offered.clone(),
        meanHoldNanos > 0 ? limit * SECOND / meanHoldNanos : 0,
        utilization,
        delay,
        oldestWait,
        anyWaits ? full ? still : Math.min(oldestWait, still) : 0,
        Math.round(meanHoldNanos));
  }

  /** Whether anybody asked at the door in the last window. For all threads. */
  boolean isDoorInUse() {
    return doorInUse;
  }

  private void measureOffered(long elapsed) {
    boolean anyAtDoor = false;
    for (Criticality each : ALL) {
      int i = Rank.of(each);
      long now = tally.askedCount(each);
      long came = now - asked[i];
      asked[i] = now;
      long atDoor = askedAtDoor[i];
      double perSecond = (came + shedAtTheDoor(each, came)) * SECOND / elapsed;
      anyAtDoor |= askedAtDoor[i] > atDoor;
      offered[i] += OF_WINDOW * (perSecond - offered[i]);
    }
    doorInUse = anyAtDoor;
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

  /** None, if anybody was let in without waiting. */
  private long delay(int waiting, Seen seen, long oldestWait) {
    long shortest = tally.takeShortestWait();
    long nowWaited = tally.waitedCount();
    long nowLetIn = -((long) waiting + seen.unconnected);
    for (Criticality each : ALL) {
      nowLetIn += tally.askedCount(each) - tally.refusedCount(each);
    }
    long lately = nowLetIn - letIn;
    long afterWaiting = nowWaited - waited;
    letIn = nowLetIn;
    waited = nowWaited;
    if (afterWaiting > 0) {
      return lately > afterWaiting ? 0 : Math.max(0, shortest);
    }
    return lately > 0 || waiting == 0 ? 0 : oldestWait;
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
