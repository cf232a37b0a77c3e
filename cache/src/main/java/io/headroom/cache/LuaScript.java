package io.headroom.cache;

import io.headroom.redis.RedisScript;
import java.util.Locale;

/** What the shared tier does in one step; the texts lie beside this class. */
enum LuaScript {
  READ,
  FILL,
  RELEASE,
  INVALIDATE,
  TAG,
  MARK,
  EPOCH,
  SYNC,
  ECHO;

  @SuppressWarnings("ImmutableEnumChecker") // it is immutable
  private final RedisScript script =
      RedisScript.of(LuaScript.class, "common", name().toLowerCase(Locale.ROOT));

  RedisScript script() {
    return script;
  }

  /** For EVAL. */
  String text() {
    return script.text();
  }

  /** For EVALSHA. */
  String digest() {
    return script.digest();
  }
}
