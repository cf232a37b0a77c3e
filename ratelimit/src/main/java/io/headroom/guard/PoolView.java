package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.LoadLevel;

/**
 * What a pool's last window has come to, for all who ask until the next. Immutable.
 *
 * @param level the pool's level
 * @param shares for which share of users each criticality is shed, by ordinal
 * @param sheds whether any share is above zero
 * @param sample the figures
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and nobody changes it
record PoolView(LoadLevel level, double[] shares, boolean sheds, PoolSample sample) {

  static final PoolView BEGIN =
      new PoolView(LoadLevel.NORMAL, new double[3], false, PoolSample.NONE);

  static PoolView of(LoadLevel level, double[] shares, PoolSample sample) {
    boolean sheds = false;
    for (double share : shares) {
      sheds |= share > 0;
    }
    return new PoolView(level, shares, sheds, sample);
  }

  double share(Criticality criticality) {
    return shares[Rank.of(criticality)];
  }
}
