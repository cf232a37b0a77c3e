package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Entries;
import io.headroom.examples.quickstart.service.Figures;
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
   * @param asked how often the address asked each service
   * @param admitted how often each let it go on
   * @param alone how many decisions of each let somebody go on without Redis, whoever that was
   * @param micros how long it was, by the clock of Redis
   */
  record Found(List<Long> asked, List<Long> admitted, List<Long> alone, long micros) {

    long allAsked() {
      return sum(asked);
    }

    long allAdmitted() {
      return sum(admitted);
    }

    long allAlone() {
      return sum(alone);
    }

    private static long sum(List<Long> counts) {
      return counts.stream().mapToLong(each -> each).sum();
    }
  }

  private final RedisServer redis;
  private final Services services;
  private final GreedyAddress address;
  private long beganMicros;
  private List<Entries> before = List.of();

  Greed(RedisServer redis, Services services, GreedyAddress address) {
    this.redis = redis;
    this.services = services;
    this.address = address;
  }

  void begin() throws IOException {
    before = entries();
    beganMicros = micros();
    address.begin();
  }

  Found end() throws IOException, InterruptedException {
    GreedyAddress.Asked asked = address.end();
    long length = micros() - beganMicros;
    List<Entries> after = entries();
    List<Long> alone = new ArrayList<>();
    for (int i = 0; i < after.size(); i++) {
      alone.add(after.get(i).since(before.get(i)).admittedAlone());
    }
    return new Found(asked.asked(), asked.admitted(), alone, length);
  }

  private List<Entries> entries() throws IOException {
    return services.figures().stream().map(Figures::entries).toList();
  }

  private long micros() {
    List<RedisReply> time = redis.command("TIME").elements();
    return TimeUnit.SECONDS.toMicros(time.get(0).integer()) + time.get(1).integer();
  }
}
