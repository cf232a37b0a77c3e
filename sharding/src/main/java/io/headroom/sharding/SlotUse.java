package io.headroom.sharding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How often slots are used, in bounded space: the heavy hitters by the Space-Saving algorithm.
 *
 * <p>With m counters and n uses counted, every slot with more than n / m uses has a counter, and no
 * counter is off by more than n / m. Uses are sampled, and a sample is dropped rather than waited
 * for when another thread is counting; both thin all slots alike. All counts are halved each time
 * {@value #HALVE_AT} samples are in, so that what was hot yesterday fades.
 *
 * <p>Source: A. Metwally, D. Agrawal, A. El Abbadi, "Efficient Computation of Frequent and Top-k
 * Elements in Data Streams", ICDT 2005, doi:10.1007/978-3-540-30570-5_27. Thread-safe; 4 KB.
 */
final class SlotUse {

  static final int COUNTERS = 128;
  static final int HALVE_AT = 1 << 16;

  private static final int SAMPLE_ONE_IN = 8;

  private final int sampleMask;
  private final LongAdder uses = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();
  private final int[] slots = new int[COUNTERS];
  private final long[] counts = new long[COUNTERS];
  private final long[] errors = new long[COUNTERS];
  private int used;
  private long total;

  SlotUse() {
    this(SAMPLE_ONE_IN);
  }

  /** Counts one use in so many, a power of two. */
  SlotUse(int sampleOneIn) {
    this.sampleMask = sampleOneIn - 1;
  }

  void record(int slot) {
    uses.increment();
    if ((ThreadLocalRandom.current().nextInt() & sampleMask) == 0 && lock.tryLock()) {
      try {
        count(slot);
      } finally {
        lock.unlock();
      }
    }
  }

  private void count(int slot) {
    int at = counterOf(slot);
    counts[at]++;
    if (++total >= HALVE_AT) {
      halve();
    }
  }

  /** The slot's counter; the smallest one is taken over by a slot that has none. */
  private int counterOf(int slot) {
    int smallest = 0;
    for (int i = 0; i < used; i++) {
      if (slots[i] == slot) {
        return i;
      }
      if (counts[i] < counts[smallest]) {
        smallest = i;
      }
    }
    if (used < COUNTERS) {
      slots[used] = slot;
      counts[used] = 0;
      errors[used] = 0;
      return used++;
    }
    slots[smallest] = slot;
    errors[smallest] = counts[smallest];
    return smallest;
  }

  private void halve() {
    total = 0;
    for (int i = 0; i < used; i++) {
      // errors round up and counts down: what is claimed for certain stays so
      counts[i] >>= 1;
      errors[i] = Math.min(counts[i], (errors[i] + 1) >> 1);
      total += counts[i];
    }
  }

  /** All uses so far, counted exactly. */
  long uses() {
    return uses.sum();
  }

  void reset() {
    lock.lock();
    try {
      used = 0;
      total = 0;
      Arrays.fill(counts, 0);
    } finally {
      lock.unlock();
    }
  }

  /** The slots that are certainly in use, the hottest first. */
  List<HotSlot> hottest(ShardMap map) {
    List<HotSlot> hottest = new ArrayList<>();
    lock.lock();
    try {
      for (int i = 0; i < used; i++) {
        if (counts[i] > errors[i] && owns(map, slots[i])) {
          hottest.add(
              new HotSlot(
                  slots[i],
                  map.ownerOf(slots[i]),
                  (double) counts[i] / total,
                  (double) errors[i] / total));
        }
      }
    } finally {
      lock.unlock();
    }
    hottest.sort(
        Comparator.comparingDouble(HotSlot::share).reversed().thenComparingInt(HotSlot::slot));
    return List.copyOf(hottest);
  }

  /** A pin may have gone since its slot was counted. */
  private static boolean owns(ShardMap map, int slot) {
    return slot < map.slotCount() || map.pinTable().position(slot) >= 0;
  }
}
