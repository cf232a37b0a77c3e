package io.headroom.ratelimit;

import io.headroom.redis.RedisScript;
import java.util.Locale;

/** What Redis does in one step; the texts lie beside this class. */
enum LimitScript {
  ACQUIRE,
  LEASE,
  REFUND,
  PRESENCE;

  @SuppressWarnings("ImmutableEnumChecker") // it is immutable
  private final RedisScript script =
      RedisScript.of(LimitScript.class, "common", name().toLowerCase(Locale.ROOT));

  RedisScript script() {
    return script;
  }
}
