package io.headroom.guard;

import io.headroom.LoadLevel;

/**
 * From what a pool went through in a window to its level, whom it sheds, and how many connections
 * it may use. Not thread-safe.
 */
final class PoolWatch {

  /** A pool serves as long as something comes back within so many times of what it takes else. */
  private static final int HOLDS = 4;

  /** Nothing has come back yet, and the first connections take long to open. */
  private static final int AT_FIRST = 10;

  /** A window's demand in that of the last second: in a window chance decides on what comes. */
  private static final double OF_WINDOW = 0.1;

  /**
   * A window counts for no more, so that a level ends soon after the load does; and this is what
   * demand is taken for when it has just been found to be too much.
   */
  private static final double TOO_MUCH = 1.5;

  /**
   * One of six who are let in is too many under load. That none of these was is no chance, and five
   * times as many as may wait fill the queue.
   */
  private static final int NOBODY_TURNED_AWAY = 30;

  private static final int FILLS = 5;
  private static final double FULL = 0.95;

  private final GuardSettings settings;
  private final Sampler sampler;
  private final Ladder ladder;
  private final Shedding shedding = new Shedding();
  private final AdaptiveLimit adaptive;

  /** What is asked for, with what is shed, as a share of what the pool can do: over a second. */
  private double demand;

  PoolWatch(GuardSettings settings, Sampler sampler, int size) {
    this.settings = settings;
    this.sampler = sampler;
    this.ladder = new Ladder(settings.dwellNanos());
    this.adaptive = new AdaptiveLimit(size, settings.windowNanos());
  }

  /** Whether anybody asked at the door in the last window. */
  boolean isDoorInUse() {
    return sampler.isDoorInUse();
  }

  /** Looks at the window that ends now. */
  PoolView look(long nowNanos) {
    PoolSample sample = sampler.take(nowNanos, shedding.shares());
    demand += OF_WINDOW * (Math.min(TOO_MUCH, sample.demand()) - demand);
    LoadLevel entered = entered(sample);
    if (entered.atLeast(LoadLevel.HIGH) && !ladder.level().atLeast(LoadLevel.HIGH)) {
      demand = Math.max(demand, TOO_MUCH);
    }
    LoadLevel kept = kept(sample);
    LoadLevel level = ladder.update(entered, kept, nowNanos);
    return PoolView.of(level, shares(level, kept, sample), sample);
  }

  /** A level may be kept for longer than there is cause, and nobody is to suffer by that. */
  private double[] shares(LoadLevel level, LoadLevel kept, PoolSample sample) {
    LoadLevel sheds = level == LoadLevel.CRITICAL && !kept.atLeast(level) ? LoadLevel.HIGH : level;
    boolean known = sample.meanHoldNanos() > 0 && isBusy(sample); // one long hold says nothing
    int connections = known ? sample.connections() : 0;
    return shedding.update(sheds, sample.wanted(), connections, excess(sample));
  }

  /**
   * All have to wait, and yet nobody is too many: where a service has few threads beside the pool's
   * connections, all of them wait here, and those too many wait for a thread. What is let in then
   * is as much as is served, however little is shed.
   */
  private Shedding.Excess excess(PoolSample sample) {
    int enough = NOBODY_TURNED_AWAY + FILLS * WaitRules.enough(sample.connections());
    if (sample.sinceTurnedAway() < enough) {
      return Shedding.Excess.SEEN;
    }
    if (sample.used() < FULL) {
      return Shedding.Excess.NONE;
    }
    return sample.delayNanos() > settings.targetNanos()
        ? Shedding.Excess.QUEUED_ELSEWHERE
        : Shedding.Excess.NOT_SEEN;
  }

  private boolean isBusy(PoolSample sample) {
    return sample.delayNanos() > 0 || sample.utilization() >= settings.calmBelow() || demand > 1;
  }

  private LoadLevel entered(PoolSample sample) {
    if (sample.stuckNanos() > stuckBound(sample)) {
      return LoadLevel.CRITICAL;
    }
    if (sample.delayNanos() > settings.targetNanos()) {
      return LoadLevel.HIGH;
    }
    return sample.utilization() >= settings.elevatedAt() ? LoadLevel.ELEVATED : LoadLevel.NORMAL;
  }

  /** What is shed counts: it would be too much again. */
  private LoadLevel kept(PoolSample sample) {
    // Nobody waits, maybe, since all who would are shed: what is in use tells.
    if (Math.max(sample.stuckNanos(), sample.stillNanos()) > stuckBound(sample) / 2) {
      return LoadLevel.CRITICAL;
    }
    if (sample.delayNanos() > settings.targetNanos() / 2 || demand > 1) {
      return LoadLevel.HIGH;
    }
    return sample.utilization() >= settings.calmBelow() ? LoadLevel.ELEVATED : LoadLevel.NORMAL;
  }

  private long stuckBound(PoolSample sample) {
    return sample.meanHoldNanos() == 0
        ? AT_FIRST * settings.stuckNanos()
        : Math.max(settings.stuckNanos(), HOLDS * sample.meanHoldNanos());
  }

  /** How many connections of a pool of this size may be used. */
  int limit(int size, PoolView view) {
    return settings.adaptive() ? adaptive.update(size, view.sample()) : size;
  }

  /** How many of them only critical work gets, of which there must be some. */
  int reserved(int limit, PoolView view) {
    boolean anyCritical = view.sample().offered()[0] >= 1;
    return anyCritical && view.level().atLeast(LoadLevel.HIGH) ? settings.reserved(limit) : 0;
  }
}
