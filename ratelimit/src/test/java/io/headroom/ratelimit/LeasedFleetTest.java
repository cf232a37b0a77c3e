package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Processes that take permits ahead: in any time they admit at most the burst, what flows in, and
 * what each of them holds; and if all of them want all they can get, they leave next to nothing.
 */
class LeasedFleetTest {

  private static final int HEAVIEST = 3;
  private static final int MOST_PROCESSES = 8;
  private static final Duration PERIOD = Duration.ofMillis(150);

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private final String name = "fleet-" + UUID.randomUUID();

  /** What has been read so far, with how much has been lost by then. */
  private static final class Windows {

    private final Fleet fleet;
    private final Limit limit;
    private final List<Fleet.Reading> beginnings = new ArrayList<>();
    private final List<Fleet.Reading> ends = new ArrayList<>();
    private final List<Integer> losses = new ArrayList<>();
    private int lost;

    Windows(Fleet fleet, Limit limit) {
      this.fleet = fleet;
      this.limit = limit;
    }

    void read() {
      ends.add(fleet.end());
      beginnings.add(fleet.beginning());
      losses.add(lost);
    }

    /** Redis has forgotten its buckets, or will have: each time, a burst more may be admitted. */
    void redisForgets() {
      lost++;
    }

    void check(String seed) {
      for (int from = 0; from < beginnings.size(); from++) {
        for (int to = from + 1; to < ends.size(); to++) {
          long admitted = ends.get(to).admitted() - beginnings.get(from).admitted();
          int forgotten = losses.get(to) - losses.get(from);
          assertThat(admitted)
              .as("%s, window %d to %d of %d", seed, from, to, ends.size())
              .isLessThanOrEqualTo(
                  limit.capacity() * (1 + forgotten)
                      + fleet.inflow(beginnings.get(from), ends.get(to))
                      + fleet.heldAtMost());
        }
      }
    }
  }

  /** What may happen to a fleet, at random. */
  private static final class Events {

    private final Random random;
    private final Fleet fleet;

    Events(Random random, Fleet fleet) {
      this.random = random;
      this.fleet = fleet;
    }

    private Fleet.Member any() {
      List<Fleet.Member> running = fleet.running();
      return running.get(random.nextInt(running.size()));
    }

    void next() {
      int running = fleet.running().size();
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          if (running < MOST_PROCESSES) {
            fleet.join(1 + random.nextInt(3));
          }
        }
        case 2 -> any().pause(true);
        case 3 -> any().pause(false);
        case 4 -> {
          if (running > 1) {
            any().crash();
          }
        }
        default -> {
          if (running > 1) {
            any().end();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8})
  void noWindowAdmitsMoreThanTheBoundThoughProcessesComeAndGo(int processes) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Limit limit = Limit.perSecond(4_000).burst(800);
    try (Fleet fleet = new Fleet(server.get(), name, limit, HEAVIEST)) {
      Windows windows = new Windows(fleet, limit);
      windows.read();
      for (int i = 0; i < processes; i++) {
        fleet.join(2);
        windows.read();
      }
      Events events = new Events(random, fleet);
      for (int i = 0; i < 8; i++) {
        fleet.awaitServerTime(PERIOD);
        windows.read();
        events.next();
        windows.read();
        if (i == 5) {
          windows.redisForgets();
          server.get().flush();
        }
      }
      windows.read();
      windows.check("seed " + seed);
      assertThat(windows.ends.get(windows.ends.size() - 1).admitted()).isPositive();
    }
  }

  /**
   * The bucket holds what flows in during ten seconds, so that it does not run over though the
   * machine is slow; what is left in the end does not count, since then somebody was refused.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8})
  void withDemandEverywhereTheLimitIsUsedUp(int processes) {
    Limit limit = Limit.perSecond(2_000).burst(20_000);
    try (Fleet fleet = new Fleet(server.get(), name, limit, 1)) {
      for (int i = 0; i < processes; i++) {
        fleet.join(2);
      }
      fleet.awaitEmpty();
      Fleet.Reading from = fleet.beginning();
      fleet.awaitServerTime(Duration.ofSeconds(3));
      fleet.awaitEmpty();
      Fleet.Reading to = fleet.end();

      long used = to.admitted() - from.admitted();
      long inflow = fleet.inflow(from, to);
      assertThat(used).isGreaterThan(inflow * 95 / 100);
    }
  }

  /** With Redis killed, and restarted without its data. */
  @Test
  @Tag("faults")
  void aLongCampaignKeepsTheBound() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Limit limit = Limit.perSecond(4_000).burst(800);
    try (Fleet fleet = new Fleet(server.get(), name, limit, HEAVIEST)) {
      Windows windows = new Windows(fleet, limit);
      windows.read();
      for (int i = 0; i < 4; i++) {
        fleet.join(2);
      }
      Events events = new Events(random, fleet);
      for (int i = 0; i < 100; i++) {
        fleet.awaitServerTime(PERIOD.plusMillis(random.nextInt(200)));
        windows.read();
        if (i % 30 == 20) {
          windows.redisForgets();
          server.get().kill();
          server.get().restart();
        } else if (i % 30 == 10) {
          windows.redisForgets();
          server.get().flush();
        } else {
          events.next();
        }
        windows.read();
      }
      windows.check("seed " + seed);
    }
  }
}
