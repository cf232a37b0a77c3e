package io.headroom.examples.quickstart;

import io.headroom.testkit.servers.RedisReply;
import io.headroom.testkit.servers.RedisServer;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The time in which the greedy user asks, in both processes. It begins before the first question
 * and ends after the last answer, by the clock of Redis: the one that permits flow in by. For one
 * thread.
 */
final class Greed {

  /**
   * What came of it.
   *
   * @param first of what was asked in the first process
   * @param second of what was asked in the second
   * @param micros how long it was, by the clock of Redis
   */
  record Found(Entries first, Entries second, long micros) {

    Entries both() {
      return first.plus(second);
    }
  }

  /** The user as the second process has it. */
  interface Remote {

    void beginGreed();

    Entries endGreed() throws Exception;
  }

  private final RedisServer redis;
  private final GreedyUser here;
  private final Remote there;
  private long beganMicros;

  Greed(RedisServer redis, GreedyUser here, Remote there) {
    this.redis = redis;
    this.here = here;
    this.there = there;
  }

  void begin() {
    beganMicros = micros();
    here.begin();
    there.beginGreed();
  }

  Found end() throws Exception {
    Entries second = there.endGreed();
    Entries first = here.end();
    return new Found(first, second, micros() - beganMicros);
  }

  private long micros() {
    List<RedisReply> time = redis.command("TIME").elements();
    return TimeUnit.SECONDS.toMicros(time.get(0).integer()) + time.get(1).integer();
  }
}
