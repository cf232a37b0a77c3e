package io.headroom.ratelimit;

import io.headroom.testkit.servers.RedisReply;
import io.headroom.testkit.servers.RedisServer;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * A bucket as Redis has it. As nobody can set Redis's clock, tests move the bucket instead: into
 * the past, as if time had gone by, or into the future, as if the clock had been set back.
 */
record Written(long debt, long at, long cost, long inflow, long full) {

  /** What a clock and a bucket can be told from; in microseconds. */
  static final long LATEST = 1L << 52;

  static @Nullable String text(RedisServer server, String bucket) {
    RedisReply reply = server.command("GET", bucket);
    return reply.isNil() ? null : reply.text();
  }

  static Written parse(String text) {
    String[] words = text.split(" ", -1);
    return new Written(
        Long.parseLong(words[0]),
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]));
  }

  static Written of(MicroLimit limit, long debt, long at) {
    return new Written(debt, at, limit.cost, limit.inflow, limit.full);
  }

  static Written read(RedisServer server, String bucket) {
    String text = text(server, bucket);
    if (text == null) {
      throw new IllegalStateException("no bucket " + bucket);
    }
    return parse(text);
  }

  /** As if it had been written at another time. */
  Written movedTo(long otherAt) {
    return new Written(debt, otherAt, cost, inflow, full);
  }

  /** Without an expiry, so that no test depends on how long it takes. */
  void write(RedisServer server, String bucket) {
    server.command("SET", bucket, toString());
  }

  /** Microseconds until it is full, from when it was written, rounded up. */
  long toFull() {
    return BigInteger.valueOf(debt)
        .add(BigInteger.valueOf(inflow - 1))
        .divide(BigInteger.valueOf(inflow))
        .longValueExact();
  }

  @Override
  public String toString() {
    return debt + " " + at + " " + cost + " " + inflow + " " + full;
  }
}
