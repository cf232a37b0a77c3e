package io.headroom.guard;

import io.headroom.Criticality;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections that are held now: for figures, and to see who asks for a second one. Adding and
 * removing is a compare-and-set each, at a place that threads rarely share.
 *
 * <p>There are more places than a pool has connections. One that finds none all the same, since the
 * pool has grown, is not seen here, and goes back like the others. Thread-safe.
 */
final class Holds {

  private static final int LEAST = 64;
  private static final int MOST = 1 << 12;

  private final AtomicReferenceArray<@Nullable Hold> places;
  private final int mask;

  Holds(int size) {
    int length = LEAST;
    while (length < MOST && length < 4L * size) {
      length <<= 1;
    }
    this.places = new AtomicReferenceArray<>(length);
    this.mask = length - 1;
  }

  void add(Hold hold) {
    int first = System.identityHashCode(hold.owner());
    for (int i = 0; i <= mask; i++) {
      int place = (first + i) & mask;
      if (places.get(place) == null && places.compareAndSet(place, null, hold)) {
        hold.place = place;
        return;
      }
    }
  }

  void remove(Hold hold) {
    if (hold.place >= 0) {
      places.set(hold.place, null);
    }
  }

  boolean isAnyOf(Thread thread) {
    for (int place = 0; place <= mask; place++) {
      Hold hold = places.get(place);
      if (hold != null && hold.owner() == thread) {
        return true;
      }
    }
    return false;
  }

  /** How many have not got theirs from the pool yet, of those that are at least as critical. */
  int waiting(Criticality criticality) {
    int[] many = {0};
    forEach(
        hold ->
            many[0] +=
                !hold.isConnected() && Rank.of(hold.criticality()) <= Rank.of(criticality) ? 1 : 0);
    return many[0];
  }

  /** How many threads hold connections. */
  int owners() {
    Set<Thread> owners = new HashSet<>();
    forEach(hold -> owners.add(hold.owner()));
    return owners.size();
  }

  void forEach(Consumer<Hold> action) {
    for (int place = 0; place <= mask; place++) {
      Hold hold = places.get(place);
      if (hold != null) {
        action.accept(hold);
      }
    }
  }
}
