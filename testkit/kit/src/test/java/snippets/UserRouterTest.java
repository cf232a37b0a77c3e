package snippets;

import io.headroom.sharding.ShardRouter;
import io.headroom.testkit.sharding.RouterSubject;
import io.headroom.testkit.sharding.SampleKeys;
import io.headroom.testkit.sharding.ShardRouterTests;

// What the README of testkit/kit shows, run.
// snippet: user-router-test
class UserRouterTest extends ShardRouterTests<Long> {
  @Override
  public RouterSubject<Long> subject() {
    return RouterSubject.ofRouters("users", ShardRouter::forLongs).keys(SampleKeys.longs()).build();
  }
}
// end snippet
