package io.headroom.sharding;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the slots are beyond "owned": which are moving where, which are fenced, each one's version.
 *
 * <p>Compact, since a million slots may each have moved at some time: one byte a slot for versions
 * below 255, sorted arrays for the slots in motion. Empty for a map in which nothing ever moved.
 * Immutable; a change goes through a {@link Builder}, which takes time in proportion to the slots,
 * as copying the owner table does anyway.
 */
final class SlotStates {

  static final SlotStates NONE = new Builder(0).build();

  /** From here on a version is kept in the map, no longer in its byte. */
  private static final int FIRST_HIGH_VERSION = 255;

  private final int[] slots;
  private final int[] targets;
  private final boolean[] fenced;
  private final byte[] lowVersions;
  private final Map<Integer, Long> highVersions;
  private final Map<Integer, Map<String, Object>> extras;

  private SlotStates(
      int[] slots,
      int[] targets,
      boolean[] fenced,
      byte[] lowVersions,
      Map<Integer, Long> highVersions,
      Map<Integer, Map<String, Object>> extras) {
    this.slots = slots;
    this.targets = targets;
    this.fenced = fenced;
    this.lowVersions = lowVersions;
    this.highVersions = highVersions;
    this.extras = extras;
  }

  SlotState state(int slot) {
    int at = Arrays.binarySearch(slots, slot);
    if (at < 0) {
      return SlotState.OWNED;
    }
    return fenced[at] ? SlotState.FENCED : SlotState.MOVING;
  }

  /** Ordinal of the shard that the slot is on its way to, or -1. */
  int target(int slot) {
    int at = Arrays.binarySearch(slots, slot);
    return at < 0 ? -1 : targets[at];
  }

  long version(int slot) {
    int low = slot < lowVersions.length ? lowVersions[slot] & 0xff : FIRST_HIGH_VERSION;
    return low < FIRST_HIGH_VERSION ? low : highVersions.getOrDefault(slot, 0L);
  }

  Map<String, Object> extra(int slot) {
    return extras.getOrDefault(slot, Map.of());
  }

  /** The slots in motion, moving or fenced, ascending. Not to be modified. */
  int[] inMotion() {
    return slots;
  }

  int fencedCount() {
    int count = 0;
    for (boolean is : fenced) {
      count += is ? 1 : 0;
    }
    return count;
  }

  /** Whether slots may have a version or further fields at all. */
  boolean isPlain() {
    return slots.length == 0
        && lowVersions.length == 0
        && highVersions.isEmpty()
        && extras.isEmpty();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SlotStates that
        && Arrays.equals(slots, that.slots)
        && Arrays.equals(targets, that.targets)
        && Arrays.equals(fenced, that.fenced)
        && Arrays.equals(lowVersions, that.lowVersions)
        && highVersions.equals(that.highVersions)
        && extras.equals(that.extras);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(slots) + Arrays.hashCode(lowVersions);
  }

  /** Collects states slot by slot, in any order. */
  static final class Builder {

    private final int hashedSlots;

    /** By slot: -1 for one at rest, else twice its target, and one more if it is fenced. */
    private final int[] motions;

    private final TreeMap<Integer, Integer> beyond = new TreeMap<>();
    private byte @Nullable [] lowVersions;
    private final TreeMap<Integer, Long> highVersions = new TreeMap<>();
    private final TreeMap<Integer, Map<String, Object>> extras = new TreeMap<>();
    private int inMotion;

    /** Starts with nothing in motion and every version 0. */
    Builder(int hashedSlots) {
      this.hashedSlots = hashedSlots;
      this.motions = new int[hashedSlots];
      Arrays.fill(motions, -1);
    }

    /** Starts with what is. */
    Builder(int hashedSlots, SlotStates base) {
      this(hashedSlots);
      for (int i = 0; i < base.slots.length; i++) {
        move(base.slots[i], base.targets[i], base.fenced[i]);
      }
      lowVersions = base.lowVersions.length == 0 ? null : base.lowVersions.clone();
      highVersions.putAll(base.highVersions);
      extras.putAll(base.extras);
    }

    private int motion(int slot) {
      return slot < hashedSlots ? motions[slot] : beyond.getOrDefault(slot, -1);
    }

    private void motion(int slot, int motion) {
      inMotion += (motion < 0 ? 0 : 1) - (motion(slot) < 0 ? 0 : 1);
      if (slot < hashedSlots) {
        motions[slot] = motion;
      } else if (motion < 0) {
        beyond.remove(slot);
      } else {
        beyond.put(slot, motion);
      }
    }

    int target(int slot) {
      return motion(slot) >> 1;
    }

    boolean fenced(int slot) {
      return motion(slot) >= 0 && (motion(slot) & 1) == 1;
    }

    /** Puts the slot in motion to the target. */
    void move(int slot, int target, boolean isFenced) {
      motion(slot, target << 1 | (isFenced ? 1 : 0));
    }

    /** Ends the slot's motion. */
    void rest(int slot) {
      motion(slot, -1);
    }

    /** Forgets all about the slot of a pin that is no more. */
    void forget(int slot) {
      rest(slot);
      highVersions.remove(slot);
      extras.remove(slot);
    }

    /** Counts a change of the slot's state. */
    void bump(int slot) {
      version(slot, Math.addExact(version(slot), 1));
    }

    private long version(int slot) {
      if (slot < hashedSlots) {
        int low = lowVersions == null ? 0 : lowVersions[slot] & 0xff;
        return low < FIRST_HIGH_VERSION ? low : highVersions.getOrDefault(slot, 0L);
      }
      return highVersions.getOrDefault(slot, 0L);
    }

    void version(int slot, long version) {
      if (version == 0) {
        return;
      }
      if (slot < hashedSlots) {
        byte[] low = lowVersions;
        if (low == null) {
          low = new byte[hashedSlots];
          lowVersions = low;
        }
        low[slot] = (byte) Math.min(version, FIRST_HIGH_VERSION);
        if (version < FIRST_HIGH_VERSION) {
          return;
        }
      }
      highVersions.put(slot, version);
    }

    void extra(int slot, Map<String, Object> fields) {
      if (fields.isEmpty()) {
        extras.remove(slot);
      } else {
        extras.put(slot, fields);
      }
    }

    SlotStates build() {
      int[] slots = new int[inMotion];
      int[] movingTo = new int[inMotion];
      boolean[] isFenced = new boolean[inMotion];
      int count = 0;
      for (int slot = 0; slot < hashedSlots; slot++) {
        if (motions[slot] >= 0) {
          slots[count++] = slot;
        }
      }
      for (int slot : beyond.keySet()) {
        slots[count++] = slot;
      }
      for (int i = 0; i < count; i++) {
        movingTo[i] = target(slots[i]);
        isFenced[i] = fenced(slots[i]);
      }
      return new SlotStates(
          slots,
          movingTo,
          isFenced,
          lowVersions == null ? new byte[0] : lowVersions,
          highVersions,
          extras);
    }
  }
}
