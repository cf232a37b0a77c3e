package io.headroom.testkit.sharding;

import io.headroom.testkit.sharding.OurRouters.RegionalUser;

class RegionFirstProperties extends ShardRouterProperties<RegionalUser> {

  @Override
  public RouterSubject<RegionalUser> subject() {
    return OurRouters.regionFirst();
  }
}
