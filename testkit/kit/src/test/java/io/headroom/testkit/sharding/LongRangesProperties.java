package io.headroom.testkit.sharding;

class LongRangesProperties extends ShardRouterProperties<Long> {

  @Override
  public RouterSubject<Long> subject() {
    return OurRouters.longRanges();
  }
}
