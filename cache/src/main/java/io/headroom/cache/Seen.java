package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a load is to see at least, as the writer's token says it. */
final class Seen {

  private static final Logger LOG = LoggerFactory.getLogger(TieredCache.class);

  /** What partitions' domains begin with. */
  private static final String OURS = "~";

  private Seen() {}

  /**
   * What the writer has written, as its databases know it: it may take a round trip to one of them.
   *
   * @return {@link SharedRead#WRITER_UNKNOWN} if nobody knows
   */
  static ConsistencyToken by(RequestContext writer) {
    ConsistencyToken token;
    try {
      token = writer.token();
    } catch (RuntimeException unanswered) {
      LOG.debug("where a write lies could not be asked", unanswered);
      return SharedRead.WRITER_UNKNOWN; // the origin has it
    }
    if (token.primaryForUnknown()) {
      return SharedRead.WRITER_UNKNOWN;
    }
    ConsistencyToken databases = ConsistencyToken.NONE;
    for (String domain : token.domains()) {
      if (!domain.startsWith(OURS)) {
        ConsistencyToken.Position at = token.position(domain).orElseThrow();
        databases = databases.merge(ConsistencyToken.of(domain, at.incarnation(), at.position()));
      }
    }
    return databases;
  }

  /** What is to be seen by one who loads both. */
  static @Nullable ConsistencyToken both(
      @Nullable ConsistencyToken one, @Nullable ConsistencyToken other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return one.isEmpty() || other.isEmpty() ? SharedRead.WRITER_UNKNOWN : one.merge(other);
  }
}
