package io.headroom.testkit.sharding;

import java.util.UUID;

class HashedUuidsProperties extends ShardRouterProperties<UUID> {

  @Override
  public RouterSubject<UUID> subject() {
    return OurRouters.hashedUuids();
  }
}
