package io.headroom.testkit.sharding;

import java.util.Set;
import java.util.function.Function;

/** One router over one set of members; an answer that is none breaks the first law. */
final class Routing<K> {

  private final RouterSubject<K> subject;
  private final Function<? super K, String> route;
  private final Set<String> memberIds;

  Routing(RouterSubject<K> subject, Function<? super K, String> route, Set<String> memberIds) {
    this.subject = subject;
    this.route = route;
    this.memberIds = memberIds;
  }

  Function<? super K, String> route() {
    return route;
  }

  String shardOf(K key) {
    String id;
    try {
      id = route.apply(key);
    } catch (RuntimeException e) {
      throw Broken.law(ShardLaw.TOTAL, subject, "%s was refused: %s", Broken.key(key), e)
          .causedBy(e);
    }
    if (id == null || !memberIds.contains(id)) {
      throw Broken.law(
          ShardLaw.TOTAL,
          subject,
          "%s was routed to '%s', which is not a member; members are %s",
          Broken.key(key),
          id,
          Broken.some(memberIds));
    }
    return id;
  }
}
