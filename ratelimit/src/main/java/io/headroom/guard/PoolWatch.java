package io.headroom.guard;

import io.headroom.LoadLevel;

/**
 * From what a pool went through in a window to its level, whom it sheds, and how many connections
 * it may use. Not thread-safe.
 */
final class PoolWatch {

  /** A pool serves as long as something comes back within so many times of what it takes else. */
  private static final int HOLDS = 4;

  private final GuardSettings settings;
  private final Sampler sampler;
  private final Ladder ladder;
  private final Shedding shedding = new Shedding();
  private final AdaptiveLimit adaptive;

  PoolWatch(GuardSettings settings, Sampler sampler, int size) {
    this.settings = settings;
    this.sampler = sampler;
    this.ladder = new Ladder(settings.dwellNanos());
    this.adaptive = new AdaptiveLimit(size);
  }

  /** Looks at the window that ends now. */
  PoolView look(long nowNanos) {
    PoolSample sample = sampler.take(nowNanos);
    LoadLevel level = ladder.update(entered(sample), kept(sample), nowNanos);
    return PoolView.of(level, shedding.update(level, sample.offered(), sample.capacity()), sample);
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
    if (sample.stuckNanos() > stuckBound(sample) / 2) {
      return LoadLevel.CRITICAL;
    }
    boolean tooMuch = sample.capacity() > 0 && sample.offeredAltogether() > sample.capacity();
    if (sample.delayNanos() > settings.targetNanos() / 2 || tooMuch) {
      return LoadLevel.HIGH;
    }
    return sample.utilization() >= settings.calmBelow() ? LoadLevel.ELEVATED : LoadLevel.NORMAL;
  }

  private long stuckBound(PoolSample sample) {
    return Math.max(settings.stuckNanos(), HOLDS * sample.meanHoldNanos());
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
