package io.headroom.guard;

import io.headroom.Criticality;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

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

  /** In a second: by this window alone, and by those before it as well. */
  private final double[] offeredNow = new double[Rank.COUNT];

  private final double[] offered = new double[Rank.COUNT];
  private final long[] shedHere = new long[Rank.COUNT];
  private final Retries[] retries = new Retries[Rank.COUNT];
  private final HoldTimes all = new HoldTimes();
  private final HoldTimes[] byRank = new HoldTimes[Rank.COUNT];
  private long letIn;
  private long waited;
  private long overtook;
  private long overtookWaiting;
  private long turnedAway;
  private long sinceTurnedAway;
  private long ended;
  private long busyNanos;
  private long lastNanos;
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
    Arrays.setAll(byRank, rank -> new HoldTimes());
    Arrays.setAll(retries, rank -> new Retries());
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

  /**
   * Looks at what has been since the last time.
   *
   * @param shed for which share of users each criticality was shed meanwhile, by ordinal
   */
  PoolSample take(long nowNanos, double[] shed) {
    long elapsed = Math.max(1, nowNanos - lastNanos);
    lastNanos = nowNanos;
    int waiting = gate.waiting();
    Seen seen = new Seen();
    holds.forEach(hold -> seen.add(hold, nowNanos));

    measureOffered(elapsed, shed);
    measureHolds();
    int limit = gate.reach();
    double[] wanted = new double[Rank.COUNT];
    double wantedNow = 0;
    for (int i = 0; i < Rank.COUNT; i++) {
      wanted[i] = connections(i, offered[i], HoldTimes::meanNanos);
      wantedNow += connections(i, offeredNow[i], HoldTimes::usualNanos);
    }
    long endedNow = tally.endedCount();
    long endedInWindow = endedNow - ended;
    ended = endedNow;
    double used = measureUtilization(seen, elapsed, limit);

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
        wanted,
        limit,
        all.meanNanos() > 0 ? limit * SECOND / all.meanNanos() : 0,
        wantedNow / limit,
        utilization,
        used,
        delay,
        oldestWait,
        anyWaits ? full ? still : Math.min(oldestWait, still) : 0,
        full ? still : 0,
        Math.round(all.meanNanos()),
        endedInWindow,
        sinceTurnedAway);
  }

  /** Whether anybody asked at the door in the last window. For all threads. */
  boolean isDoorInUse() {
    return doorInUse;
  }

  private void measureOffered(long elapsed, double[] shed) {
    boolean anyAtDoor = false;
    for (Criticality each : ALL) {
      int i = Rank.of(each);
      long now = tally.askedCount(each);
      long came = now - asked[i];
      asked[i] = now;
      long atDoor = askedAtDoor[i];
      double altogether = came + shedAtTheDoor(each, came);
      long shedNow = tally.refusedCount(each, RefusalReason.SHED);
      double letIn = came - (shedNow - shedHere[i]);
      shedHere[i] = shedNow;
      double ofAll = retries[i].update(altogether, letIn, shed[i]);
      offeredNow[i] = ofAll * altogether * SECOND / elapsed;
      anyAtDoor |= askedAtDoor[i] > atDoor;
      offered[i] += OF_WINDOW * (offeredNow[i] - offered[i]);
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
    all.measure(tally.endedCount(), tally.heldNanos());
    for (Criticality each : ALL) {
      byRank[Rank.of(each)].measure(tally.endedCount(each), tally.heldNanos(each));
    }
  }

  /** How many connections those of a criticality would keep in use if so many came in a second. */
  private double connections(int rank, double perSecond, ToDoubleFunction<HoldTimes> holdNanos) {
    double own = holdNanos.applyAsDouble(byRank[rank]);
    return perSecond * (own > 0 ? own : holdNanos.applyAsDouble(all)) / SECOND;
  }

  /** By the time that all connections together have been held until now, the open ones too. */
  private double measureUtilization(Seen seen, long elapsed, int limit) {
    long busy = tally.heldNanos() + seen.openNanos;
    double ofWindow = Math.min(1, Math.max(0, busy - busyNanos) / ((double) elapsed * limit));
    busyNanos = busy;
    double weight = Math.min(1, elapsed / SECOND);
    utilization += weight * (ofWindow - utilization);
    return ofWindow;
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
