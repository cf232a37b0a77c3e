package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.FaultProxy;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How many processes there are, and what each of them admits when Redis is gone. */
class PresenceTest {

  private static final Limit LIMIT = Limit.of(60, Duration.ofHours(1));

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private FaultProxy way;
  private RedisLimits here;
  private RedisLimits there;
  private RateLimiter<String> one;
  private RateLimiter<String> other;

  @BeforeEach
  void begin() {
    server.get().flush();
    way = FaultProxy.to(server.get());
    here = connect(server.get().uri());
    there = connect("redis://127.0.0.1:" + way.port());
    one = limiter(here, "door");
    other = limiter(there, "door");
  }

  private static RedisLimits connect(String uri) {
    return Ask.connected(RedisLimits.builder(uri).timeout(Duration.ofSeconds(5)).build());
  }

  private static RateLimiter<String> limiter(RedisLimits redis, String name) {
    return RateLimiter.<String>builder(name).limit(LIMIT).shared(redis).processes(10).build();
  }

  @AfterEach
  void end() {
    here.close();
    there.close();
    way.close();
    server.heal();
  }

  private static void awaitProcesses(RateLimiter<?> limiter, int count) {
    Ask.eventually(count + " processes")
        .untilAsserted(() -> assertThat(limiter.decider().processes()).hasValue(count));
  }

  /** Which hears of all processes only in the course of the next second. */
  @Test
  void aRedisThatHasLostItsMemoryMakesNobodyTakeMore() {
    HandTime time = new HandTime();
    Presence some = new Presence(here.buckets(), "headroom:limit:{law}", 10, time);
    Presence another = new Presence(here.buckets(), "headroom:limit:{law}", 10, time);
    hear(another);
    assertThat(hear(some)).isEqualTo(2);

    server.get().flush();
    for (int i = 0; i < 5; i++) {
      assertThat(hear(some)).isEqualTo(2);
      time.advance(Duration.ofMillis(999));
    }
    time.advance(Duration.ofMillis(6));
    assertThat(hear(some)).as("for five seconds they were fewer").isEqualTo(1);
    hear(another);
    assertThat(hear(some)).as("more of them count at once").isEqualTo(2);
  }

  private static int hear(Presence presence) {
    var unused = Ask.done(presence.present(0));
    return presence.processes();
  }

  @Test
  void aLimiterThatNobodyHasAnyMoreIsNotCounted() {
    awaitProcesses(one, 2);
    limiter(here, "door").tryAcquire("a");
    awaitProcesses(one, 3);

    Ask.eventually("the third to be forgotten")
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(one.decider().processes()).hasValue(2);
            });
    assertThat(other.tryAcquire("a").isAlone()).isFalse();
  }

  /** Of any key; the parts are divided anew by the tick. */
  private static void assertAdmitsAlone(RateLimiter<String> limiter, int part) {
    Ask.eventually("a part of " + part)
        .untilAsserted(
            () -> assertThat(admitted(limiter, UUID.randomUUID().toString())).isEqualTo(part));
  }

  private static int admitted(RateLimiter<String> limiter, String key) {
    int admitted = 0;
    for (int i = 0; i < 2 * LIMIT.capacity(); i++) {
      Decision decision = limiter.tryAcquire(key);
      assertThat(decision.isAlone()).isTrue();
      admitted += decision.allowed() ? 1 : 0;
    }
    return admitted;
  }

  @Test
  void theyShareTheLimitWhenRedisIsGone() {
    awaitProcesses(one, 2);
    awaitProcesses(other, 2);
    RateLimiter<String> third = limiter(here, "door");
    RateLimiter<String> alone = limiter(here, "another-door");
    assertThat(third.decider().processes()).as("known once it is built").hasValue(3);
    assertThat(alone.decider().processes()).as("of that name").hasValue(1);
    awaitProcesses(one, 3);
    awaitProcesses(other, 3);

    server.get().kill();
    Ask.awaitAway(here, one);
    assertAdmitsAlone(one, 20);
    assertAdmitsAlone(third, 20);
    assertAdmitsAlone(other, 20);
    assertAdmitsAlone(alone, 60);
  }

  @Test
  void whoLeavesGivesItsPartToTheOthers() {
    awaitProcesses(one, 2);
    there.close();
    assertThat(server.get().command("ZCARD", "headroom:limit:{door}").integer()).isOne();
    awaitProcesses(one, 1);

    server.get().kill();
    Ask.awaitAway(here, one);
    assertAdmitsAlone(one, 60);
  }

  /** It says no goodbye; after five seconds it is missed. */
  @Test
  void whoVanishesIsForgotten() {
    awaitProcesses(one, 2);
    way.refuse();
    way.resetAll();
    assertThat(server.get().command("ZCARD", "headroom:limit:{door}").integer()).isEqualTo(2);
    awaitProcesses(one, 1);
    assertThat(other.decider().processes()).as("as many as there were").hasValue(2);
    assertAdmitsAlone(other, 30);

    way.heal();
    Ask.awaitShared(other, "b");
    awaitProcesses(one, 2);
  }

  @Test
  void whoIsForgottenByRedisSaysItAgain() {
    awaitProcesses(one, 2);
    server.get().flush();
    Ask.eventually("both of them")
        .until(() -> server.get().command("ZCARD", "headroom:limit:{door}").integer() == 2);
    awaitProcesses(one, 2);
    awaitProcesses(other, 2);
  }

  /** From a clock that was an hour ahead: nobody could tell when they are to be forgotten. */
  @Test
  void whoIsSeenInTheFutureDoesNotCount() {
    long seconds = Long.parseLong(server.get().command("TIME").elements().get(0).text());
    String late = Long.toString((seconds + 3600) * 1_000_000);
    server.get().command("ZADD", "headroom:limit:{door}", late, "ghost");
    Ask.eventually("it to be dropped")
        .until(() -> server.get().command("ZSCORE", "headroom:limit:{door}", "ghost").isNil());
    awaitProcesses(one, 2);
  }

  @Test
  void garbageInItsPlaceLeavesThemAtWhatTheyWere() {
    awaitProcesses(one, 2);
    server.get().command("SET", "headroom:limit:{door}", "garbage");
    long trips = here.buckets().trips();
    Ask.eventually("it to be found").until(() -> here.buckets().trips() > trips + 2);
    assertThat(one.decider().processes()).hasValue(2);
    assertThat(one.tryAcquire("a").isAlone()).isFalse();

    server.get().command("DEL", "headroom:limit:{door}");
    Ask.eventually("both of them")
        .until(() -> server.get().command("ZCARD", "headroom:limit:{door}").integer() == 2);
  }
}
