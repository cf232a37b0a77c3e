package io.headroom.testkit.sharding;

class TextRangesProperties extends ShardRouterProperties<String> {

  @Override
  public RouterSubject<String> subject() {
    return OurRouters.textRanges();
  }
}
