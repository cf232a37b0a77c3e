package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Provide;
import net.jqwik.api.domains.DomainContextBase;

/**
 * Gives parameters of jqwik properties their values by type: {@link Shard}, {@link Membership},
 * {@link ShardMap}.
 *
 * <pre>{@code
 * @Property
 * @Domain(DomainContext.Global.class)
 * @Domain(ShardingDomain.class)
 * void everySlotHasAnOwner(@ForAll ShardMap map) { ... }
 * }</pre>
 */
@SuppressWarnings("exports") // whoever names this has jqwik
public final class ShardingDomain extends DomainContextBase {

  /** For jqwik. */
  public ShardingDomain() {}

  /**
   * Shards.
   *
   * @return see {@link ShardingArbitraries#shards()}
   */
  @Provide
  public Arbitrary<Shard> shards() {
    return ShardingArbitraries.shards();
  }

  /**
   * Memberships.
   *
   * @return memberships of 1 to 12 shards
   */
  @Provide
  public Arbitrary<Membership> memberships() {
    return ShardingArbitraries.memberships(1, 12);
  }

  /**
   * Maps.
   *
   * @return see {@link ShardingArbitraries#maps()}
   */
  @Provide
  public Arbitrary<ShardMap> maps() {
    return ShardingArbitraries.maps();
  }
}
