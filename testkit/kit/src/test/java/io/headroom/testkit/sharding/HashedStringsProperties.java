package io.headroom.testkit.sharding;

class HashedStringsProperties extends ShardRouterProperties<String> {

  @Override
  public RouterSubject<String> subject() {
    return OurRouters.hashedStrings();
  }
}
