package io.headroom.ratelimit;

import io.headroom.redis.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * The buckets in Redis, and what its scripts do with them. Thread-safe. All answers fail with a
 * {@link io.headroom.redis.RedisCallException} where there is none.
 */
final class RedisBuckets {

  private final RedisCommands commands;
  private final LongAdder trips = new LongAdder();

  RedisBuckets(RedisCommands commands) {
    this.commands = commands;
  }

  /**
   * A bucket as Redis found it.
   *
   * @param debt units that it lacked
   * @param atMicros when that was, by Redis's clock, or by one that was ahead of it
   * @param behindMicros by how much Redis's clock is behind that
   * @param other how it was written, if with other settings; else empty
   */
  record Found(long debt, long atMicros, long behindMicros, String other) {}

  /**
   * Permits taken ahead.
   *
   * @param permits how many
   * @param then the bucket after that
   */
  record Granted(long permits, Found then) {}

  /**
   * Takes permits for one caller after the other, each from all buckets or from none.
   *
   * @param names of the buckets; of one slot in a cluster
   * @param limits of the buckets
   * @param permits what each caller asks for
   * @return the buckets as they were before that, from which follows who is admitted
   */
  CompletableFuture<List<Found>> acquire(
      List<String> names, List<MicroLimit> limits, long[] permits) {
    byte[][] arguments = new byte[1 + permits.length + 3 * limits.size()][];
    arguments[0] = MicroLimit.text(permits.length);
    for (int i = 0; i < permits.length; i++) {
      arguments[1 + i] = permits[i] == 1 ? ONE : MicroLimit.text(permits[i]);
    }
    for (int i = 0; i < limits.size(); i++) {
      limits.get(i).tell(arguments, 1 + permits.length + 3 * i);
    }
    return run(LimitScript.ACQUIRE, names, arguments).thenApply(RedisBuckets::found);
  }

  /** Of a cluster, so that the node that has failed is not the only one to be asked, or never. */
  private static final int SLOTS_PROBED = 1024;

  private static final byte[] ONE = MicroLimit.text(1);

  private static List<Found> found(List<Object> answer) {
    long now = (Long) answer.get(0);
    Found[] found = new Found[answer.size() / 3];
    for (int i = 0; i < found.length; i++) {
      found[i] = found(now, answer, 1 + 3 * i);
    }
    return List.of(found);
  }

  private static Found found(long now, List<Object> answer, int from) {
    long at = (Long) answer.get(from + 1);
    byte[] other = (byte[]) answer.get(from + 2);
    return new Found(
        (Long) answer.get(from),
        at,
        at - now,
        other.length == 0 ? "" : new String(other, StandardCharsets.US_ASCII));
  }

  /**
   * Takes permits ahead.
   *
   * @param least how many are of use
   * @param most how many are wanted
   * @param sharers between how many what is left is to be shared
   */
  CompletableFuture<Granted> lease(
      String name, MicroLimit limit, long least, long most, int sharers) {
    byte[][] arguments = new byte[6][];
    arguments[0] = MicroLimit.text(least);
    arguments[1] = MicroLimit.text(most);
    arguments[2] = MicroLimit.text(sharers);
    limit.tell(arguments, 3);
    return run(LimitScript.LEASE, List.of(name), arguments)
        .thenApply(
            answer -> new Granted((Long) answer.get(1), found((Long) answer.get(0), answer, 2)));
  }

  /**
   * Gives permits back, less what has flowed in since.
   *
   * @param takenMicros when they were taken
   */
  CompletableFuture<List<Object>> refund(
      String name, MicroLimit limit, long permits, long takenMicros) {
    byte[][] arguments = new byte[5][];
    arguments[0] = MicroLimit.text(permits);
    arguments[1] = MicroLimit.text(takenMicros);
    limit.tell(arguments, 2);
    return run(LimitScript.REFUND, List.of(name), arguments);
  }

  /**
   * Counts the processes that a limiter has, and this among them.
   *
   * @param name of the set of them
   * @param self which this is
   * @param countsMicros for how long it counts; 0 if it ends
   */
  CompletableFuture<Integer> presence(String name, String self, long countsMicros) {
    return run(
            LimitScript.PRESENCE,
            List.of(name),
            new byte[][] {bytes(self), MicroLimit.text(countsMicros)})
        .thenApply(answer -> Math.toIntExact((Long) answer.get(0)));
  }

  /** Finds out whether Redis does what it is asked. */
  CompletableFuture<List<Object>> probe() {
    return commands.probe(
        LimitScript.PRESENCE.script(),
        new byte[][] {
          bytes("headroom:limit:{probe" + ThreadLocalRandom.current().nextInt(SLOTS_PROBED) + "}")
        },
        bytes("probe"),
        MicroLimit.text(1000));
  }

  /** How often Redis was asked. */
  long trips() {
    return trips.sum();
  }

  private CompletableFuture<List<Object>> run(
      LimitScript script, List<String> names, byte[]... arguments) {
    if (commands.isUp()) { // or it is not asked
      trips.increment();
    }
    byte[][] keys = new byte[names.size()][];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = bytes(names.get(i));
    }
    return commands.run(script.script(), keys, arguments);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
