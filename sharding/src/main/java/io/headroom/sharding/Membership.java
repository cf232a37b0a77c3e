package io.headroom.sharding;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Who is to hold slots: the shards with their weights, states and regions that a plan leads to.
 *
 * <pre>{@code
 * Membership target = map.membership()
 *     .with(Shard.of("orders-5").withWeight(2))
 *     .draining("orders-1");
 * }</pre>
 *
 * <p>Immutable and thread-safe. Shards are sorted by id.
 */
public final class Membership {

  private final ShardTable table;

  private Membership(ShardTable table) {
    this.table = table;
  }

  /**
   * A membership of shards.
   *
   * @param shards the shards, in any order
   * @return the membership
   * @throws IllegalArgumentException if there is none, or two have one id
   */
  public static Membership of(Collection<Shard> shards) {
    return new Membership(ShardTable.of(shards, Map.of()));
  }

  /**
   * A membership of ACTIVE shards of weight 1.
   *
   * @param ids their ids, in any order
   * @return the membership
   * @throws IllegalArgumentException if there is none, or one is blank or given twice
   */
  public static Membership of(String... ids) {
    List<Shard> shards = new ArrayList<>();
    for (String id : ids) {
      shards.add(Shard.of(id));
    }
    return of(shards);
  }

  /**
   * The shards, sorted by id.
   *
   * @return an unmodifiable view
   */
  public List<Shard> shards() {
    return table.asList();
  }

  /**
   * This membership with one more shard, or with another of the same id in its place.
   *
   * @param shard the shard
   * @return the changed copy
   */
  public Membership with(Shard shard) {
    List<Shard> shards = new ArrayList<>(shards());
    int known = table.ordinal(shard.id());
    if (known >= 0) {
      shards.set(known, shard);
    } else {
      shards.add(shard);
    }
    return of(shards);
  }

  /**
   * This membership without a shard: a plan moves all of its slots away, and then drops it.
   *
   * @param id the shard's id
   * @return the changed copy
   * @throws UnknownShardException if there is no such shard
   * @throws IllegalArgumentException if it is the only one
   */
  public Membership without(String id) {
    List<Shard> shards = new ArrayList<>(shards());
    shards.remove(table.require(id));
    return of(shards);
  }

  /**
   * This membership with another weight of one shard.
   *
   * @param id the shard's id
   * @param weight its new weight
   * @return the changed copy
   * @throws UnknownShardException if there is no such shard
   * @throws IllegalArgumentException if the weight is out of its range
   */
  public Membership withWeight(String id, double weight) {
    return with(known(id).withWeight(weight));
  }

  /**
   * This membership with one shard DRAINING: a plan moves all of its slots away, but keeps it.
   *
   * @param id the shard's id
   * @return the changed copy
   * @throws UnknownShardException if there is no such shard
   */
  public Membership draining(String id) {
    return with(known(id).withState(ShardState.DRAINING));
  }

  private Shard known(String id) {
    return table.shard(table.require(id));
  }

  ShardTable table() {
    return table;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Membership that && table.equals(that.table);
  }

  @Override
  public int hashCode() {
    return table.hashCode();
  }

  @Override
  public String toString() {
    return "Membership" + new ArrayList<>(shards());
  }
}
