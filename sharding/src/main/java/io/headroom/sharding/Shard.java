package io.headroom.sharding;

import io.headroom.sharding.ShardColumns.Fields;
import io.headroom.sharding.ShardColumns.Single;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One shard: a name, how much it holds beside the others, and where it stands. Immutable.
 *
 * <pre>{@code
 * Shard plain = Shard.of("orders-1");
 * Shard large = Shard.of("orders-2").withWeight(2).withRegion("eu").withZone("eu-1a");
 * }</pre>
 *
 * <p>A shard of a map is a row of the map's table: it takes 24 bytes, more once its id was read,
 * and keeps that table from being collected.
 */
public final class Shard {

  /** The smallest weight. */
  public static final double MIN_WEIGHT = 1e-9;

  /** The largest weight. */
  public static final double MAX_WEIGHT = 1e15;

  private static final Fields PLAIN = new Fields(1, null, null, ShardState.ACTIVE, Map.of());

  private final ShardColumns columns;
  private final int ordinal;

  /** Made on first use; a benign race, since every thread would make the same. */
  private @Nullable String id;

  /**
   * Creates a shard.
   *
   * @param id the name, distinct within a map: 1 to 255 printable characters
   * @param weight its share beside the other shards' weights: {@value #MIN_WEIGHT} to {@value
   *     #MAX_WEIGHT}; a shard of weight 2 holds twice as many slots as one of weight 1
   * @param region the region it is in, or null
   * @param zone the zone it is in, or null
   * @param state whether it takes slots
   * @param labels further names and values, for the application's own use; they are copied
   * @throws IllegalArgumentException if the id is blank or the weight out of its range
   * @throws NullPointerException if anything but region and zone is null
   */
  public Shard(
      String id,
      double weight,
      @Nullable String region,
      @Nullable String zone,
      ShardState state,
      Map<String, String> labels) {
    Ids.checkName("shard id", id);
    if (!(weight >= MIN_WEIGHT && weight <= MAX_WEIGHT)) {
      throw new IllegalArgumentException(
          "shard '"
              + id
              + "' has weight "
              + weight
              + ": give it a number from "
              + MIN_WEIGHT
              + " to "
              + MAX_WEIGHT
              + (weight == 0 ? "; to take its slots away, set it to DRAINING" : ""));
    }
    if (region != null) {
      Ids.checkName("region of shard '" + id + "'", region);
    }
    if (zone != null) {
      Ids.checkName("zone of shard '" + id + "'", zone);
    }
    Objects.requireNonNull(state, "state");
    Map<String, String> checked = checkedLabels(id, labels);
    this.columns = new Single(id, new Fields(weight, region, zone, state, checked));
    this.ordinal = 0;
  }

  /** A row of a table, or what stands alone. */
  Shard(ShardColumns columns, int ordinal) {
    this.columns = columns;
    this.ordinal = ordinal;
  }

  /**
   * A shard of weight 1, ACTIVE, without region, zone or labels.
   *
   * @param id its name
   * @return the shard
   * @throws IllegalArgumentException if the id is blank
   */
  public static Shard of(String id) {
    return new Shard(new Single(Ids.checkName("shard id", id), PLAIN), 0);
  }

  /**
   * Its name.
   *
   * @return the id, distinct within a map
   */
  public String id() {
    String known = id;
    if (known == null) {
      known = columns.readId(ordinal);
      id = known;
    }
    return known;
  }

  /**
   * Its share beside the other shards' weights.
   *
   * @return {@value #MIN_WEIGHT} to {@value #MAX_WEIGHT}
   */
  public double weight() {
    return fields().weight();
  }

  /**
   * The region it is in.
   *
   * @return its name, or null
   */
  public @Nullable String region() {
    return fields().region();
  }

  /**
   * The zone it is in.
   *
   * @return its name, or null
   */
  public @Nullable String zone() {
    return fields().zone();
  }

  /**
   * Whether it takes slots.
   *
   * @return its state
   */
  public ShardState state() {
    return fields().state();
  }

  /**
   * Further names and values.
   *
   * @return an unmodifiable map, sorted by name
   */
  public Map<String, String> labels() {
    return fields().labels();
  }

  /** All but the id. */
  Fields fields() {
    return columns.fields(ordinal);
  }

  /**
   * This shard with another weight.
   *
   * @param newWeight its share beside the other shards' weights
   * @return the changed copy
   * @throws IllegalArgumentException if the weight is out of its range
   */
  public Shard withWeight(double newWeight) {
    return new Shard(id(), newWeight, region(), zone(), state(), labels());
  }

  /**
   * This shard in a region.
   *
   * @param newRegion the region, or null for none
   * @return the changed copy
   * @throws IllegalArgumentException if the region is blank
   */
  public Shard withRegion(@Nullable String newRegion) {
    return new Shard(id(), weight(), newRegion, zone(), state(), labels());
  }

  /**
   * This shard in a zone.
   *
   * @param newZone the zone, or null for none
   * @return the changed copy
   * @throws IllegalArgumentException if the zone is blank
   */
  public Shard withZone(@Nullable String newZone) {
    return new Shard(id(), weight(), region(), newZone, state(), labels());
  }

  /**
   * This shard in another state.
   *
   * @param newState whether it takes slots
   * @return the changed copy
   */
  public Shard withState(ShardState newState) {
    return new Shard(id(), weight(), region(), zone(), newState, labels());
  }

  /**
   * This shard with these labels and no others.
   *
   * @param newLabels names and values
   * @return the changed copy
   * @throws IllegalArgumentException if a name is blank
   */
  public Shard withLabels(Map<String, String> newLabels) {
    return new Shard(id(), weight(), region(), zone(), state(), newLabels);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || (other instanceof Shard that
            && id().equals(that.id())
            && fields().equals(that.fields()));
  }

  /** Cheap, since shards are keys of many a map: ids are distinct within a shard map. */
  @Override
  public int hashCode() {
    return id().hashCode();
  }

  @Override
  public String toString() {
    return "Shard[id="
        + id()
        + ", weight="
        + weight()
        + ", region="
        + region()
        + ", zone="
        + zone()
        + ", state="
        + state()
        + ", labels="
        + labels()
        + "]";
  }

  private static Map<String, String> checkedLabels(String id, Map<String, String> labels) {
    if (labels.isEmpty()) {
      return Map.of();
    }
    TreeMap<String, String> sorted = new TreeMap<>();
    labels.forEach(
        (name, value) -> {
          Ids.checkName("label of shard '" + id + "'", name);
          Objects.requireNonNull(value, () -> "label '" + name + "' of shard '" + id + "' is null");
          int lone = Ids.loneSurrogate(value);
          if (lone >= 0) {
            throw new IllegalArgumentException(
                "label '" + name + "' of shard '" + id + "' has a lone surrogate at index " + lone);
          }
          sorted.put(name, value);
        });
    return Collections.unmodifiableMap(sorted);
  }
}
