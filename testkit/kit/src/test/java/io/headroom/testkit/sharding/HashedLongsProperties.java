package io.headroom.testkit.sharding;

class HashedLongsProperties extends ShardRouterProperties<Long> {

  @Override
  public RouterSubject<Long> subject() {
    return OurRouters.hashedLongs();
  }
}
