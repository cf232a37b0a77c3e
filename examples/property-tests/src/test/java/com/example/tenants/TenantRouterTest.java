package com.example.tenants;

import io.headroom.testkit.sharding.RouterSubject;
import io.headroom.testkit.sharding.SampleKeys;
import io.headroom.testkit.sharding.ShardRouterTests;

// The least that a project has to write: what its router is, and where keys come from.
// snippet: tenant-router-test
class TenantRouterTest extends ShardRouterTests<Document> {
  @Override
  public RouterSubject<Document> subject() {
    return RouterSubject.<Document>overMaps("tenants", map -> new TenantRouter(map)::shardIdOf)
        .keys(SampleKeys.packageNames().map(tenant -> new Document(tenant, 1)))
        .build();
  }
}
// end snippet
