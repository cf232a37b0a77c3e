package io.headroom.testkit.sharding;

/**
 * The laws of shard routing, one constant for each that a router can be held to or excused from.
 *
 * <p>A subject is excused from laws by {@link RouterSubjectBuilder#excuse}, with a reason, and from
 * those that speak of what it does not have: a router without ranges has no {@link #RANGES}.
 */
public enum ShardLaw {

  /** Every key has a shard, a member of the map; null and unknown keys are refused, not guessed. */
  TOTAL(1, "every key has a shard that is a member, and no other key has one"),

  /** The same members and key give the same shard, however often, in any thread or list order. */
  DETERMINISTIC(1, "the same members and the same key give the same shard"),

  /** As {@link #DETERMINISTIC}, in another process, and in every release since a golden value. */
  SAME_IN_EVERY_JVM(1, "another JVM gives the same shards"),

  /** Equal logical keys route equally, whatever their Java type. */
  EQUAL_KEYS(2, "equal keys of different Java types have the same shard"),

  /**
   * A shard that joins or grows takes keys and gives none; one that leaves or shrinks, the reverse.
   * Holds for placement by weighted rendezvous; not for layouts given as they are: modulo, ranges,
   * directories.
   */
  MINIMAL_DISRUPTION(3, "a change of one shard moves keys only to it or from it"),

  /** The share of keys that a joining shard takes is its share of the weight. Rendezvous only. */
  MOVED_SHARE(3, "a joining shard takes its weighted share"),

  /**
   * A plan reaches exact balance with the fewest moves; keys move as it says and at no other time.
   */
  PLANS(3, "a plan balances within one slot, by the fewest moves, and nothing else moves"),

  /** Shares follow the weights, by a χ² test. Rendezvous only. */
  BALANCE(4, "shares follow the weights"),

  /** Pinned keys stay where they are through every rebalance. */
  PINS(5, "pinned keys stay through every rebalance"),

  /** What belongs together stays together through every rebalance. */
  COLOCATION(5, "keys that belong together share a shard, always"),

  /** Written, read: equal; fields of a later version kept; damaged text refused. */
  TEXT_FORM(6, "what is written reads back equal, or not at all"),

  /** The shards of a range of keys include the shard of each key in it. */
  RANGES(7, "a range's shards include those of all its keys"),

  /** Golden vectors: type, value, hash, slot. Holds for routers by hash. */
  GOLDEN_VECTORS(8, "golden keys have their golden slots"),

  /** PostgreSQL computes the same slot. */
  SQL(8, "PostgreSQL computes the same slots");

  private final int number;
  private final String text;

  ShardLaw(int number, String text) {
    this.number = number;
    this.text = text;
  }

  /**
   * The number of the law that this one is or is a part of.
   *
   * @return 1 to 8
   */
  public int number() {
    return number;
  }

  @Override
  public String toString() {
    return "law " + number + " (" + text + ")";
  }
}
