package com.example.tenants;

import io.headroom.testkit.sharding.RouterSubject;
import io.headroom.testkit.sharding.ShardRouterProperties;

/** All laws as jqwik properties: random fleets and keys, shrunk to the least that fails. */
class TenantRouterProperties extends ShardRouterProperties<Document> {

  @Override
  public RouterSubject<Document> subject() {
    return Tenants.subject();
  }
}
