package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Entries;
import io.headroom.testkit.servers.RedisReply;
import io.headroom.testkit.servers.RedisServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The time in which an address is greedy, at both services. It begins before the first question and
 * ends after the last answer, by the clock of Redis: the one that permits flow in by. For one
 * thread.
 */
final class Greed {

  /**
   * What came of it.
   *
   * @param entries of the address at each service: what it was told there and, of that, what each
   *     service says it decided without Redis
   * @param counted what each service itself has counted of the address
   * @param micros how long it was, by the clock of Redis
   * @param askingMicros for how long of that it was asking: until the first answer its bucket is
   *     full, and what flows in after the last question nobody takes
   * @param failures what the first answers were that it must not get
   */
  record Found(
      List<Entries> entries,
      List<Entries> counted,
      long micros,
      long askingMicros,
      List<String> failures) {

    Entries all() {
      return entries.stream().reduce(Entries.NONE, Entries::plus);
    }
  }

  private final RedisServer redis;
  private final Services services;
  private final GreedyAddress address;
  private long beganMicros;

  Greed(RedisServer redis, Services services, GreedyAddress address) {
    this.redis = redis;
    this.services = services;
    this.address = address;
  }

  void begin() {
    beganMicros = micros();
    address.begin();
  }

  Found end() throws IOException, InterruptedException {
    GreedyAddress.Asked asked = address.end();
    long length = micros() - beganMicros;
    List<Entries> theirs = services.entriesOf(GreedyAddress.ADDRESS);
    List<Entries> entries = new ArrayList<>();
    for (int i = 0; i < theirs.size(); i++) {
      entries.add(
          new Entries(
              asked.asked().get(i),
              asked.admitted().get(i),
              theirs.get(i).alone(),
              theirs.get(i).admittedAlone()));
    }
    return new Found(entries, theirs, length, asked.micros(), asked.failures());
  }

  private long micros() {
    List<RedisReply> time = redis.command("TIME").elements();
    return TimeUnit.SECONDS.toMicros(time.get(0).integer()) + time.get(1).integer();
  }
}
