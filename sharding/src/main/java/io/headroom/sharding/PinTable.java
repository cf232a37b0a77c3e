package io.headroom.sharding;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pinned keys, each with a slot of its own beyond the hashed ones, in the order of their slots.
 *
 * <p>Slot numbers are given out once and never again, so that a version or a metric of one pin is
 * never taken for that of another: {@code next} is the first number not yet used. Immutable.
 */
final class PinTable {

  static final PinTable NONE =
      new PinTable(new Object[0], new int[0], new int[0], List.of(), ShardMap.FIRST_PINNED_SLOT);

  private final Object[] keys;
  private final int[] slots;
  private final int[] owners;
  private final List<Map<String, Object>> extras;
  private final int next;

  /** Made on first use; a benign race, since every thread would make the same. */
  private @Nullable Index index;

  private PinTable(
      Object[] keys, int[] slots, int[] owners, List<Map<String, Object>> extras, int next) {
    this.keys = keys;
    this.slots = slots;
    this.owners = owners;
    this.extras = extras;
    this.next = next;
  }

  int size() {
    return slots.length;
  }

  int next() {
    return next;
  }

  Object key(int position) {
    return keys[position];
  }

  int slot(int position) {
    return slots[position];
  }

  int owner(int position) {
    return owners[position];
  }

  Map<String, Object> extra(int position) {
    return extras.get(position);
  }

  /** Position of the pin with this slot, or a negative number. */
  int position(int slot) {
    return Arrays.binarySearch(slots, slot);
  }

  int slotOf(Object key) {
    return size() == 0 ? -1 : index().slotOf(PinKeys.lookupForm(PinKeys.normalized(key)));
  }

  int slotOf(long key) {
    return size() == 0 ? -1 : index().slotOf(key);
  }

  private Index index() {
    Index made = index;
    if (made == null) {
      made = new Index(keys, slots);
      index = made;
    }
    return made;
  }

  /** Adds keys that are not in the table yet, in the order given. */
  PinTable plus(Map<Object, Integer> ownerByKey) {
    Restored all = copy(-1, ownerByKey.size());
    int free = next;
    for (Map.Entry<Object, Integer> entry : ownerByKey.entrySet()) {
      if (free == Integer.MAX_VALUE) {
        throw new ShardMapException(
            "all slot numbers for pins up to " + Integer.MAX_VALUE + " have been given out");
      }
      all.add(entry.getKey(), free++, entry.getValue(), Map.of());
    }
    return all.build(free);
  }

  PinTable without(int slot) {
    return copy(slot, 0).build(next);
  }

  private Restored copy(int withoutSlot, int more) {
    Restored copy = new Restored(size() + more);
    for (int i = 0; i < size(); i++) {
      if (slots[i] != withoutSlot) {
        copy.add(keys[i], slots[i], owners[i], extras.get(i));
      }
    }
    return copy;
  }

  /** The same pins with their owners at these positions. */
  PinTable withOwners(int[] newOwners) {
    return new PinTable(keys, slots, newOwners, extras, next);
  }

  /** A copy of the owners by position. */
  int[] owners() {
    return owners.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PinTable that
        && next == that.next
        && Arrays.equals(slots, that.slots)
        && Arrays.equals(owners, that.owners)
        && Arrays.deepEquals(keys, that.keys)
        && extras.equals(that.extras);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.deepHashCode(keys) + next;
  }

  /** Collects pins with their slots, ascending. */
  static final class Restored {

    private final Object[] keys;
    private final int[] slots;
    private final int[] owners;
    private final List<Map<String, Object>> extras;

    Restored(int most) {
      keys = new Object[most];
      slots = new int[most];
      owners = new int[most];
      extras = new ArrayList<>(most);
    }

    void add(Object key, int slot, int owner, Map<String, Object> extra) {
      int at = extras.size();
      keys[at] = key;
      slots[at] = slot;
      owners[at] = owner;
      extras.add(extra);
    }

    PinTable build(int next) {
      int size = extras.size();
      return new PinTable(
          Arrays.copyOf(keys, size),
          Arrays.copyOf(slots, size),
          Arrays.copyOf(owners, size),
          List.copyOf(extras),
          next);
    }
  }

  /** Key to slot; integers in a table of their own, so that looking one up allocates nothing. */
  private static final class Index {

    private final Map<Object, Integer> others = new HashMap<>();
    private final long[] integers;
    private final int[] integerSlots;

    Index(Object[] keys, int[] slots) {
      int count = 0;
      for (Object key : keys) {
        count += key instanceof Long ? 1 : 0;
      }
      int capacity = Integer.highestOneBit(Math.max(1, count)) << 2;
      integers = new long[capacity];
      integerSlots = new int[capacity];
      for (int i = 0; i < keys.length; i++) {
        if (keys[i] instanceof Long number) {
          int at = find(number);
          integers[at] = number;
          integerSlots[at] = slots[i];
        } else {
          others.put(PinKeys.lookupForm(keys[i]), slots[i]);
        }
      }
    }

    int slotOf(Object key) {
      return key instanceof Long number ? slotOf(number.longValue()) : others.getOrDefault(key, -1);
    }

    int slotOf(long key) {
      int slot = integerSlots[find(key)];
      return slot == 0 ? -1 : slot;
    }

    /** Where the key is, or the free place where it belongs; slot 0 marks a free place. */
    private int find(long key) {
      int mask = integers.length - 1;
      int at = (int) SplitStream.mix(key) & mask;
      while (integerSlots[at] != 0 && integers[at] != key) {
        at = (at + 1) & mask;
      }
      return at;
    }
  }
}
