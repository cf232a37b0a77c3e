package io.headroom.guard;

import io.headroom.Criticality;

/** The place of a criticality in an array of all of them: the most critical first. */
final class Rank {

  /** How many there are. */
  static final int COUNT = 3;

  private Rank() {}

  static int of(Criticality criticality) {
    return switch (criticality) {
      case CRITICAL -> 0;
      case STANDARD -> 1;
      case SHEDDABLE -> 2;
    };
  }
}
