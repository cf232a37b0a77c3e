package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LoadSignal;
import io.headroom.examples.quickstart.service.Limits;
import io.headroom.testkit.servers.RedisReply;
import io.headroom.testkit.servers.RedisServer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** That the quickstart would notice limits that are wrong: it is judged by itself otherwise. */
class LimitVerdictTest {

  /** Of the greedy address's permits, 50 are the burst and 152 flow in, and half of the next. */
  private static final long MICROS = 1_525_000;

  private static final long OTHERS = 1_000;

  @Test
  void onePermitTooManyIsFound() {
    assertThat(verdict(101, 101, 0, 0).overAdmitted()).isZero();
    assertThat(verdict(102, 101, 0, 0).overAdmitted()).isOne();
    assertThat(failedChecks(verdict(102, 101, 0, 0)))
        .hasToString(
            "[an address that asked for 65.6 times its limit was admitted no more than that]");
  }

  @Test
  void decisionsWithoutRedisComeOnTopUpToEachServicesPart() {
    assertThat(verdict(111, 101, 10, 0).overAdmitted()).isZero();
    assertThat(verdict(112, 101, 10, 0).overAdmitted()).isOne();
    assertThat(verdict(404, 0, 1_000, 1_000).overAdmitted()).isZero();
    assertThat(verdict(405, 0, 1_000, 1_000).overAdmitted())
        .as("however many of others there were")
        .isOne();
  }

  @Test
  void aLimitThatIsNotUsedUpIsFound() {
    assertThat(verdict(101, 101, 0, 0).percentUsed())
        .isCloseTo(100 * 202 / 202.5, Offset.offset(1e-9));
    assertThat(verdict(96, 97, 0, 0).isUsedUp()).isTrue();
    assertThat(verdict(96, 96, 0, 0).isUsedUp()).isFalse();
    assertThat(verdict(202, 0, 0, 0).isUsedUp()).as("one service admitted nothing").isFalse();
  }

  @Test
  void anAddressThatAskedForNoMoreThanItsLimitShowsNothing() {
    LimitVerdict verdict = asked(101, 101);
    assertThat(verdict.isGreedy()).isFalse();
    assertThat(failedChecks(verdict)).isEmpty();
    assertThat(asked(102, 101).isGreedy()).isTrue();
    assertThat(failedChecks(asked(102, 101))).as("and was admitted all the same").hasSize(1);
  }

  private static LimitVerdict asked(long here, long there) {
    List<Long> asked = List.of(here, there);
    return new LimitVerdict(new Greed.Found(asked, asked, List.of(0L, 0L), MICROS), OTHERS, 0);
  }

  @Test
  void oneRefusalOfAnybodyElseIsFound() {
    Greed.Found greed =
        new Greed.Found(List.of(5_000L, 5_000L), List.of(101L, 101L), List.of(0L, 0L), MICROS);
    assertThat(failedChecks(new LimitVerdict(greed, OTHERS, 0))).isEmpty();
    assertThat(failedChecks(new LimitVerdict(greed, OTHERS, 1)))
        .hasToString("[nobody else was refused, by either service]");
  }

  @Test
  void onOneRedisBothServicesTogetherAdmitTheLimit() {
    try (RedisServer redis = RedisServer.start()) {
      LimitVerdict verdict = verdictOfARun(redis, redis);
      assertThat(verdict.overAdmitted()).isZero();
      assertThat(verdict.percentUsed()).isPositive();
    }
  }

  @Test
  void limitsThatAreNotSharedAreFound() {
    try (RedisServer redis = RedisServer.start();
        RedisServer another = RedisServer.start()) {
      assertThat(verdictOfARun(redis, another).overAdmitted()).isPositive();
    }
  }

  /** Until more was asked for than one limit lets in, and two do. */
  private static LimitVerdict verdictOfARun(RedisServer first, RedisServer second) {
    try (Limits here = new Limits(first.uri(), LoadSignal.normal());
        Limits there = new Limits(second.uri(), LoadSignal.normal())) {
      long begin = micros(first);
      long admittedHere = 0;
      long admittedThere = 0;
      for (int i = 0; i < Limits.PER_ADDRESS.capacity() + 1; i++) {
        admittedHere += here.ask("203.0.113.7").allowed() ? 1 : 0;
        admittedThere += there.ask("203.0.113.7").allowed() ? 1 : 0;
      }
      long end = micros(first);
      Greed.Found greed =
          new Greed.Found(
              List.of(here.entries().asked(), there.entries().asked()),
              List.of(admittedHere, admittedThere),
              List.of(here.entries().admittedAlone(), there.entries().admittedAlone()),
              end - begin);
      return new LimitVerdict(greed, OTHERS, 0);
    }
  }

  private static long micros(RedisServer redis) {
    List<RedisReply> time = redis.command("TIME").elements();
    return TimeUnit.SECONDS.toMicros(time.get(0).integer()) + time.get(1).integer();
  }

  private static LimitVerdict verdict(long here, long there, long aloneHere, long aloneThere) {
    return new LimitVerdict(
        new Greed.Found(
            List.of(5_000L, 5_000L), List.of(here, there), List.of(aloneHere, aloneThere), MICROS),
        OTHERS,
        0);
  }

  private static List<String> failedChecks(LimitVerdict verdict) {
    return verdict.checks().stream().filter(check -> !check.holds()).map(Check::claim).toList();
  }
}
