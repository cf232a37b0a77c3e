package io.headroom.testkit.sharding;

class ModuloProperties extends ShardRouterProperties<Long> {

  @Override
  public RouterSubject<Long> subject() {
    return OurRouters.modulo();
  }
}
