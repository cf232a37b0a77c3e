package io.headroom.testkit.sharding;

import io.headroom.KeyType;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a router is and can do, as far as the laws ask: only {@link #keys} must be given, and every
 * further capability brings the laws that speak of it.
 *
 * <p>Start with a factory of {@link RouterSubject}. Not thread-safe.
 *
 * @param <K> the type of the keys
 */
public final class RouterSubjectBuilder<K> {

  final String name;
  final Function<List<Shard>, Function<? super K, String>> byMembers;
  final @Nullable Function<ShardMap, Function<? super K, String>> byMap;
  final List<K> unknownKeys = new ArrayList<>();
  @Nullable Function<List<Shard>, ShardMap> layout;
  @Nullable Function<ShardMap, ToIntFunction<K>> slots;
  @Nullable Function<? super K, ?> pinnedKey;
  @Nullable UnaryOperator<K> relative;
  RouterSubject.@Nullable Untyped<K> untyped;
  RouterSubject.@Nullable Ranges<K> ranges;
  RouterSubject.@Nullable Sql<K> sql;
  RouterSubject.@Nullable Vectors<K> vectors;
  RouterSubject.@Nullable TextForm<K> textForm;
  @Nullable String goldenValue;

  private final Map<ShardLaw, String> excuses = new EnumMap<>(ShardLaw.class);
  private final List<RouterSubject.Column<K>> columns = new ArrayList<>();
  private @Nullable BiFunction<ShardMap, List<String>, String> slotSql;
  private @Nullable SampleKeys<K> keys;

  private RouterSubjectBuilder(
      String name,
      Function<List<Shard>, Function<? super K, String>> byMembers,
      @Nullable Function<ShardMap, Function<? super K, String>> byMap) {
    this.name = Objects.requireNonNull(name, "name");
    this.byMembers = byMembers;
    this.byMap = byMap;
  }

  static <K> RouterSubjectBuilder<K> overMembers(
      String name, Function<List<Shard>, Function<? super K, String>> routing) {
    return new RouterSubjectBuilder<>(name, Objects.requireNonNull(routing, "routing"), null);
  }

  static <K> RouterSubjectBuilder<K> overMaps(
      String name, Function<ShardMap, Function<? super K, String>> routing) {
    Objects.requireNonNull(routing, "routing");
    return new RouterSubjectBuilder<K>(name, members -> routing.apply(bootstrap(members)), routing)
        .layout(RouterSubjectBuilder::bootstrap);
  }

  private static ShardMap bootstrap(List<Shard> members) {
    return ShardMap.builder().shards(members).build();
  }

  /**
   * Sets the keys to try; required.
   *
   * @param keys where they come from
   * @return this
   */
  public RouterSubjectBuilder<K> keys(SampleKeys<K> keys) {
    this.keys = Objects.requireNonNull(keys, "keys");
    return this;
  }

  /**
   * Names keys that the router must refuse.
   *
   * @param keys keys of which no shard is the home
   * @return this
   */
  public RouterSubjectBuilder<K> unknownKeys(Collection<? extends K> keys) {
    unknownKeys.addAll(keys);
    return this;
  }

  /**
   * Sets how members become a map, where it isn't {@code ShardMap.builder().shards(members)}; slots
   * still go by the weights.
   *
   * @param layout makes the map, the same for every order of the members
   * @return this
   */
  public RouterSubjectBuilder<K> layout(Function<List<Shard>, ShardMap> layout) {
    if (byMap == null) {
      throw new IllegalArgumentException("layout(...) of '" + name + "', which has no maps");
    }
    this.layout = Objects.requireNonNull(layout, "layout");
    return textForm(
        members -> layout.apply(members).toJson(), text -> byMap.apply(ShardMap.parse(text)));
  }

  /**
   * Sets a layout that does not go by the weights: modulo, ranges, directories. The laws of
   * rendezvous, on disruption and balance, are not asked then.
   *
   * @param layout makes the map, the same for every order of the members
   * @return this
   */
  public RouterSubjectBuilder<K> fixedLayout(Function<List<Shard>, ShardMap> layout) {
    String reason = "its layout is given as it is, not drawn by weighted rendezvous";
    return layout(layout)
        .excuse(ShardLaw.MINIMAL_DISRUPTION, reason)
        .excuse(ShardLaw.MOVED_SHARE, reason)
        .excuse(ShardLaw.BALANCE, reason);
  }

  /**
   * Sets a fixed layout of some slots that go to the members in turn, in the order of their ids.
   *
   * @param slotCount how many slots
   * @return this
   */
  public RouterSubjectBuilder<K> slotsInTurn(int slotCount) {
    return fixedLayout(members -> Samples.inTurn(members, slotCount));
  }

  /**
   * Sets the slot of a key, for the laws that name slots.
   *
   * @param slots for a map, key to slot
   * @return this
   */
  public RouterSubjectBuilder<K> slots(Function<ShardMap, ToIntFunction<K>> slots) {
    this.slots = Objects.requireNonNull(slots, "slots");
    return this;
  }

  /**
   * Says that the router honours the map's pins.
   *
   * @param pinnedKey what a pin names, out of a key
   * @return this
   */
  public RouterSubjectBuilder<K> pinnedBy(Function<? super K, ?> pinnedKey) {
    this.pinnedKey = Objects.requireNonNull(pinnedKey, "pinnedKey");
    return this;
  }

  /**
   * Says which keys belong together: an order and its user, say.
   *
   * @param relative another key that must always share the shard of the one given
   * @return this
   */
  public RouterSubjectBuilder<K> colocated(UnaryOperator<K> relative) {
    this.relative = Objects.requireNonNull(relative, "relative");
    return this;
  }

  /**
   * Sets keys of other Java types that mean the same, as Integer 5 and Long 5 do.
   *
   * @param forms the equal forms of a key, possibly none
   * @param routing for a map, untyped key to shard id
   * @return this
   */
  public RouterSubjectBuilder<K> equalForms(
      Function<? super K, ? extends List<?>> forms,
      Function<ShardMap, Function<Object, String>> routing) {
    this.untyped = new RouterSubject.Untyped<>(forms, routing);
    return this;
  }

  /**
   * Sets which shards a range of keys touches.
   *
   * @param order the order of the keys
   * @param shards for a map, lowest and highest key, both inclusive, to shard ids
   * @return this
   */
  public RouterSubjectBuilder<K> ranges(
      Comparator<? super K> order, Function<ShardMap, BiFunction<K, K, Set<String>>> shards) {
    this.ranges = new RouterSubject.Ranges<>(order, shards);
    return this;
  }

  /**
   * Adds a column that holds the key, or a part of it, on PostgreSQL.
   *
   * @param type its SQL type, such as {@code bigint}
   * @param value its value for a key, as {@code setObject} takes it
   * @return this
   */
  public RouterSubjectBuilder<K> column(String type, Function<? super K, ?> value) {
    columns.add(new RouterSubject.Column<>(type, value));
    return this;
  }

  /**
   * Sets the SQL expression that computes a key's slot from the columns.
   *
   * @param slotSql map and names of the columns to an expression
   * @return this
   */
  public RouterSubjectBuilder<K> slotSql(BiFunction<ShardMap, List<String>, String> slotSql) {
    this.slotSql = Objects.requireNonNull(slotSql, "slotSql");
    return this;
  }

  /**
   * Says that the router goes by {@code KeyHash}, so that the golden vectors of a type hold for it.
   *
   * @param type the type of the vectors
   * @param key the router's key for a vector's value: a Long, String, UUID or byte array
   * @return this
   */
  public RouterSubjectBuilder<K> goldenVectors(KeyType type, Function<Object, ? extends K> key) {
    this.vectors = new RouterSubject.Vectors<>(type, key);
    return this;
  }

  /**
   * Pins what the router does for the sample keys, so that no later version does otherwise.
   *
   * @param value what {@link ShardRouterContract#goldenValue()} gave
   * @return this
   */
  public RouterSubjectBuilder<K> goldenValue(String value) {
    this.goldenValue = Objects.requireNonNull(value, "value");
    return this;
  }

  /**
   * Sets the text form of the layout, where it isn't the map's own JSON.
   *
   * @param write members to text
   * @param read text to router; throws whatever it likes for text that isn't whole
   * @return this
   */
  public RouterSubjectBuilder<K> textForm(
      Function<List<Shard>, String> write, Function<String, Function<? super K, String>> read) {
    this.textForm = new RouterSubject.TextForm<>(write, read);
    return this;
  }

  /**
   * Excuses the router from a law.
   *
   * @param law the law that it needn't keep
   * @param reason why, for the report of skipped tests
   * @return this
   */
  public RouterSubjectBuilder<K> excuse(ShardLaw law, String reason) {
    excuses.put(law, reason);
    return this;
  }

  /**
   * Builds the subject.
   *
   * @return the subject
   * @throws IllegalArgumentException if no keys are given
   */
  public RouterSubject<K> build() {
    SampleKeys<K> samples = keys;
    if (samples == null) {
      throw new IllegalArgumentException("the subject '" + name + "' needs keys(...) to try");
    }
    if (slotSql != null && !columns.isEmpty()) {
      sql = new RouterSubject.Sql<>(List.copyOf(columns), slotSql);
    }
    excuseUnless(untyped != null, "equalForms(...) is not given", ShardLaw.EQUAL_KEYS);
    excuseUnless(byMap != null, "it is not over shard maps", ShardLaw.PLANS, ShardLaw.PINS);
    excuseUnless(pinnedKey != null, "pinnedBy(...) is not given", ShardLaw.PINS);
    excuseUnless(relative != null, "colocated(...) is not given", ShardLaw.COLOCATION);
    excuseUnless(textForm != null, "textForm(...) is not given", ShardLaw.TEXT_FORM);
    excuseUnless(ranges != null, "ranges(...) is not given", ShardLaw.RANGES);
    excuseUnless(slots != null, "slots(...) is not given", ShardLaw.GOLDEN_VECTORS, ShardLaw.SQL);
    excuseUnless(vectors != null, "goldenVectors(...) is not given", ShardLaw.GOLDEN_VECTORS);
    excuseUnless(sql != null, "slotSql(...) and column(...) are not given", ShardLaw.SQL);
    return new RouterSubject<>(this, samples, excuses);
  }

  private void excuseUnless(boolean given, String reason, ShardLaw... laws) {
    for (ShardLaw law : given ? new ShardLaw[0] : laws) {
      excuses.putIfAbsent(law, reason);
    }
  }
}
