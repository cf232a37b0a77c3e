package io.headroom.cache;

/**
 * Whether to look into an entry by a plain command before the script is run that takes a lease if
 * there is nothing: that costs Redis a tenth, and a round trip more where the entry is not there.
 * So it depends on how often one was there lately. Thread-safe: what is lost in a race between
 * threads is of no account.
 */
final class Peeks {

  /** Of sixteen that are looked for, thirteen must be there. */
  private static final float ENOUGH = 0.8f;

  private static final float WEIGHT = 1f / 16;

  private final float enough;
  private float there = 1; // a write of which is whole on any machine

  Peeks() {
    this(ENOUGH);
  }

  /** Looks first if so many of all entries are there; always, if that is none. */
  Peeks(float enough) {
    this.enough = enough;
  }

  boolean pay() {
    return there >= enough;
  }

  /** One was looked for. */
  void count(boolean wasThere) {
    there += ((wasThere ? 1 : 0) - there) * WEIGHT;
  }

  @Override
  public String toString() {
    return "Peeks[" + there + "]";
  }
}
