package io.headroom.sharding;

/** What every store asks of the epochs that it is given. */
final class Epochs {

  private Epochs() {}

  static void requireHigher(long expectedEpoch, ShardMap next) {
    if (expectedEpoch < 0) {
      throw new IllegalArgumentException(
          "expectedEpoch must be 0 (for an empty store) or an epoch, not " + expectedEpoch);
    }
    if (next.epoch() <= expectedEpoch) {
      throw new IllegalArgumentException(
          "the next map's epoch "
              + next.epoch()
              + " must be higher than the expected epoch "
              + expectedEpoch);
    }
  }
}
