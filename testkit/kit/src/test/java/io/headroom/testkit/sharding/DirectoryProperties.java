package io.headroom.testkit.sharding;

class DirectoryProperties extends ShardRouterProperties<String> {

  @Override
  public RouterSubject<String> subject() {
    return OurRouters.directory();
  }
}
