package io.headroom.testkit.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;

/** Parameters by type, from the domain alone. */
@Domain(ShardingDomain.class)
class ShardingDomainProperties {

  @Property(tries = 100)
  void shardsHaveIdsAndWeights(@ForAll Shard shard) {
    assertThat(shard.id()).isNotBlank();
    assertThat(shard.weight()).isBetween(0.25, 8.0);
  }

  @Property(tries = 100)
  void membershipsHaveDistinctIds(@ForAll Membership members) {
    assertThat(members.shards())
        .hasSizeBetween(1, 12)
        .extracting(Shard::id)
        .doesNotHaveDuplicates();
  }

  @Property(tries = 50)
  void everySlotOfAMapHasAnOwner(@ForAll ShardMap map) {
    for (int slot = 0; slot < map.slotCount(); slot++) {
      assertThat(map.shards()).contains(map.ownerOf(slot));
    }
  }
}
