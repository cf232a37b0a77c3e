package com.example.tenants;

import io.headroom.testkit.sharding.RouterSubject;
import io.headroom.testkit.sharding.ShardRouterTests;

/** Fails, as it should: {@link BrokenRoutersTest} runs it and looks at the failures. */
class HashCodeModuloLaws extends ShardRouterTests<String> {

  @Override
  public RouterSubject<String> subject() {
    return BrokenRouters.hashCodeModulo();
  }
}
