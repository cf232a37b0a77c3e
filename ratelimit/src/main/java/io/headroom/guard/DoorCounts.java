package io.headroom.guard;

import io.headroom.Criticality;
import java.util.concurrent.atomic.LongAdder;

/** Who asked at the door, and who was refused there, or would have been. Thread-safe. */
final class DoorCounts {

  private final LongAdder[] asked = adders();
  private final LongAdder[] refused = adders();
  private final LongAdder[] shadowed = adders();

  private static LongAdder[] adders() {
    LongAdder[] adders = new LongAdder[Rank.COUNT];
    for (int i = 0; i < adders.length; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  void asked(Criticality criticality) {
    asked[Rank.of(criticality)].increment();
  }

  void refused(Criticality criticality) {
    refused[Rank.of(criticality)].increment();
  }

  /** Let through only since the guard is in shadow mode. */
  void shadowed(Criticality criticality) {
    shadowed[Rank.of(criticality)].increment();
  }

  long askedCount(Criticality criticality) {
    return asked[Rank.of(criticality)].sum();
  }

  long refusedCount(Criticality criticality) {
    return refused[Rank.of(criticality)].sum();
  }

  long shadowedCount(Criticality criticality) {
    return shadowed[Rank.of(criticality)].sum();
  }
}
