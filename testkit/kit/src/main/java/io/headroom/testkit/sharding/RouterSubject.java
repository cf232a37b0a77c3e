package io.headroom.testkit.sharding;

import io.headroom.KeyType;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A router as the laws see it: a function from members to a function from key to shard id, the keys
 * to try, and whatever else the router can do.
 *
 * <pre>{@code
 * RouterSubject<TenantId> subject =
 *     RouterSubject.<TenantId>overMaps("tenants", map -> new TenantRouter(map)::shardIdOf)
 *         .keys(SampleKeys.sequentialIds().map(TenantId::new))
 *         .build();
 * }</pre>
 *
 * <p>A law that speaks of something the subject was not given is not asked of it; {@link
 * #excuseFrom} says so. Immutable and thread-safe, as long as the functions given to it are.
 *
 * @param <K> the type of the keys
 */
public final class RouterSubject<K> {

  /** Equal keys of other types, and a router that takes them. */
  record Untyped<K>(
      Function<? super K, ? extends List<?>> forms,
      Function<ShardMap, Function<Object, String>> routing) {}

  /** The shards of a range in the keys' order. */
  record Ranges<K>(
      Comparator<? super K> order, Function<ShardMap, BiFunction<K, K, Set<String>>> shards) {}

  /** One column that holds a key or a part of it: its SQL type, and its value as JDBC takes it. */
  record Column<K>(String type, Function<? super K, ?> value) {}

  /** The slot as PostgreSQL computes it, from columns of these types. */
  record Sql<K>(List<Column<K>> columns, BiFunction<ShardMap, List<String>, String> slot) {}

  /** Which of the golden vectors are keys of this router. */
  record Vectors<K>(KeyType type, Function<Object, ? extends K> key) {}

  /** How members become text, and the text a router. */
  record TextForm<K>(
      Function<List<Shard>, String> write, Function<String, Function<? super K, String>> read) {}

  final String name;
  final SampleKeys<K> keys;
  final List<K> unknownKeys;
  final Function<List<Shard>, Function<? super K, String>> byMembers;
  final @Nullable Function<ShardMap, Function<? super K, String>> byMap;
  final @Nullable Function<List<Shard>, ShardMap> layout;
  final @Nullable Function<ShardMap, ToIntFunction<K>> slots;
  final @Nullable Function<? super K, ?> pinnedKey;
  final @Nullable UnaryOperator<K> relative;
  final @Nullable Untyped<K> untyped;
  final @Nullable Ranges<K> ranges;
  final @Nullable Sql<K> sql;
  final @Nullable Vectors<K> vectors;
  final @Nullable TextForm<K> textForm;
  final @Nullable String goldenValue;
  private final Map<ShardLaw, String> excuses;

  RouterSubject(RouterSubjectBuilder<K> built, SampleKeys<K> keys, Map<ShardLaw, String> excuses) {
    this.name = built.name;
    this.keys = keys;
    this.unknownKeys = List.copyOf(built.unknownKeys);
    this.byMembers = built.byMembers;
    this.byMap = built.byMap;
    this.layout = built.layout;
    this.slots = built.slots;
    this.pinnedKey = built.pinnedKey;
    this.relative = built.relative;
    this.untyped = built.untyped;
    this.ranges = built.ranges;
    this.sql = built.sql;
    this.vectors = built.vectors;
    this.textForm = built.textForm;
    this.goldenValue = built.goldenValue;
    this.excuses = new EnumMap<>(excuses);
  }

  /**
   * A router of Headroom, with all that it can do.
   *
   * @param name what failures call it
   * @param router makes the router for a map
   * @param <K> the type of the keys
   * @return a builder that still needs {@link RouterSubjectBuilder#keys}
   */
  public static <K> RouterSubjectBuilder<K> ofRouters(
      String name, Function<ShardMap, ShardRouter<K>> router) {
    return RouterSubjectBuilder.<K>overMaps(
            name,
            map -> {
              ShardRouter<K> fresh = router.apply(map);
              return key -> fresh.shardFor(key).id();
            })
        .slots(
            map -> {
              ShardRouter<K> fresh = router.apply(map);
              return fresh::slotFor;
            })
        .pinnedBy(key -> key)
        .slotSql((map, columns) -> router.apply(map).slotSql(columns.toArray(new String[0])))
        .equalForms(
            EqualForms::of,
            map -> {
              ShardRouter<K> fresh = router.apply(map);
              return form -> map.ownerOf(fresh.slotForObject(form)).id();
            });
  }

  /**
   * A router of any kind over shard maps.
   *
   * @param name what failures call it
   * @param routing makes a router for a map: key to shard id
   * @param <K> the type of the keys
   * @return a builder that still needs {@link RouterSubjectBuilder#keys}
   */
  public static <K> RouterSubjectBuilder<K> overMaps(
      String name, Function<ShardMap, Function<? super K, String>> routing) {
    return RouterSubjectBuilder.overMaps(name, routing);
  }

  /**
   * A router that knows nothing of shard maps, over a list of shards with their weights. The list
   * comes in any order.
   *
   * @param name what failures call it
   * @param routing makes a router for a list of shards: key to shard id
   * @param <K> the type of the keys
   * @return a builder that still needs {@link RouterSubjectBuilder#keys}
   */
  public static <K> RouterSubjectBuilder<K> overMembers(
      String name, Function<List<Shard>, Function<? super K, String>> routing) {
    return RouterSubjectBuilder.overMembers(name, routing);
  }

  /**
   * What failures call the router.
   *
   * @return its name
   */
  public String name() {
    return name;
  }

  /**
   * The keys to try.
   *
   * @return where they come from
   */
  public SampleKeys<K> keys() {
    return keys;
  }

  /**
   * Why a law is not asked of this router.
   *
   * @param law the law
   * @return the reason, or nothing if the law must hold
   */
  public Optional<String> excuseFrom(ShardLaw law) {
    return Optional.ofNullable(excuses.get(law))
        .map(reason -> law + " is not asked of '" + name + "': " + reason);
  }

  @Override
  public String toString() {
    return "RouterSubject '" + name + "'";
  }

  /** A capability that a law has been found to be asked for; its absence is the kit's own bug. */
  static <T> T given(@Nullable T capability) {
    if (capability == null) {
      throw new IllegalStateException("a law was asked without the capability it needs");
    }
    return capability;
  }

  ShardMap mapOf(List<Shard> members) {
    return given(layout).apply(members);
  }

  /** A fresh router over these members, in the order given. */
  Routing<K> over(List<Shard> members) {
    if (layout != null) {
      return over(mapOf(members));
    }
    Set<String> ids = members.stream().map(Shard::id).collect(Collectors.toSet());
    return new Routing<>(this, byMembers.apply(members), ids);
  }

  /** A fresh router over a map. */
  Routing<K> over(ShardMap map) {
    Set<String> ids = new LinkedHashSet<>();
    map.shards().forEach(shard -> ids.add(shard.id()));
    return new Routing<>(this, given(byMap).apply(map), ids);
  }
}
