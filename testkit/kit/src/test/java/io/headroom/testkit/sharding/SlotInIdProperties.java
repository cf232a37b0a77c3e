package io.headroom.testkit.sharding;

class SlotInIdProperties extends ShardRouterProperties<Long> {

  @Override
  public RouterSubject<Long> subject() {
    return OurRouters.slotInId();
  }
}
