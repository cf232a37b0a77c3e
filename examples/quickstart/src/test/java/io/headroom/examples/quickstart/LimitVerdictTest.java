package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headroom.testkit.servers.RedisServer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.data.Offset;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** That the quickstart would notice limits that are wrong: it is judged by itself otherwise. */
class LimitVerdictTest {

  /** Of the greedy user's permits, 40 are the burst and 30 flow in, and half of the next one. */
  private static final long MICROS = 1_525_000;

  private static final Entries OTHERS = new Entries(500, 500, 100, 100);

  @Test
  void onePermitTooManyIsFound() {
    assertThat(verdict(admitted(35, 0), admitted(35, 0)).overAdmitted()).isZero();
    assertThat(verdict(admitted(36, 0), admitted(35, 0)).overAdmitted()).isOne();
    assertThat(failedChecks(verdict(admitted(36, 0), admitted(35, 0))))
        .hasToString("[a user who asked for 65.6 times its limit was admitted no more than that]");
  }

  @Test
  void decisionsWithoutRedisAreJudgedByEachProcesssPart() {
    assertThat(verdict(admitted(70, 35), admitted(70, 35)).overAdmitted()).isZero();
    assertThat(verdict(admitted(70, 36), admitted(70, 35)).overAdmitted()).isOne();
    assertThat(verdict(admitted(36, 36), admitted(0, 0)).overAdmitted())
        .as("what one process has left the other must not have")
        .isOne();
  }

  @Test
  void aLimitThatIsNotUsedUpIsFound() {
    assertThat(verdict(admitted(35, 0), admitted(35, 0)).percentUsed())
        .isCloseTo(100 * 70 / 70.5, Offset.offset(1e-9));
    assertThat(failedChecks(verdict(admitted(33, 0), admitted(34, 0)))).isEmpty();
    assertThat(failedChecks(verdict(admitted(33, 0), admitted(33, 0))))
        .hasToString("[and hardly less]");
    assertThat(failedChecks(verdict(admitted(70, 0), admitted(0, 0))))
        .as("one process got nothing")
        .hasToString("[and hardly less]");
  }

  @Test
  void aUserWhoNeverWasRefusedShowsNothing() {
    Entries admitted = new Entries(35, 35, 0, 0);
    assertThat(failedChecks(verdict(admitted, admitted))).hasSize(1);
  }

  @Test
  void oneRefusalOfAnybodyElseIsFound() {
    Entries refused = new Entries(500, 499, 0, 0);
    Greed.Found greed = new Greed.Found(admitted(35, 0), admitted(35, 0), MICROS);
    assertThat(new LimitVerdict(greed, OTHERS, OTHERS).othersRefused()).isZero();
    assertThat(new LimitVerdict(greed, OTHERS, refused).othersRefused()).isOne();
    assertThat(failedChecks(new LimitVerdict(greed, OTHERS, refused)))
        .hasToString("[nobody else was refused, in either process]");
  }

  @Test
  void whatOneProcessTellsTheOtherUnderstands() throws Exception {
    ObjectMapper json = new ObjectMapper();
    assertThat(json.readValue(json.writeValueAsString(OTHERS), Entries.class)).isEqualTo(OTHERS);
  }

  @Test
  void onOneRedisBothProcessesTogetherAdmitTheLimit() throws Exception {
    try (RedisServer redis = RedisServer.start()) {
      LimitVerdict verdict = verdictOfARun(redis, redis);
      assertThat(verdict.overAdmitted()).isZero();
      assertThat(verdict.percentUsed()).isPositive();
    }
  }

  @Test
  void limitsThatAreNotSharedAreFound() throws Exception {
    try (RedisServer redis = RedisServer.start();
        RedisServer another = RedisServer.start()) {
      assertThat(verdictOfARun(redis, another).overAdmitted()).isPositive();
    }
  }

  /** Until each process has admitted something after the burst was gone. */
  private static LimitVerdict verdictOfARun(RedisServer first, RedisServer second)
      throws Exception {
    AtomicInteger servedHere = new AtomicInteger();
    AtomicInteger servedThere = new AtomicInteger();
    try (Limits here = new Limits(first.uri());
        Limits there = new Limits(second.uri())) {
      GreedyUser other = new GreedyUser(there, servedThere::incrementAndGet);
      Greed greed =
          new Greed(
              first,
              new GreedyUser(here, servedHere::incrementAndGet),
              new Greed.Remote() {
                @Override
                public void beginGreed() {
                  other.begin();
                }

                @Override
                public Entries endGreed() throws InterruptedException {
                  return other.end();
                }
              });
      greed.begin();
      Awaitility.await()
          .until(
              () ->
                  servedHere.get() > 0
                      && servedThere.get() > 0
                      && servedHere.get() + servedThere.get()
                          > Limits.PER_USER.capacity() + Limits.PER_USER.permits());
      return new LimitVerdict(greed.end(), OTHERS, OTHERS);
    }
  }

  private static Entries admitted(long permits, long alone) {
    return new Entries(1_000, permits, alone, alone);
  }

  private static LimitVerdict verdict(Entries first, Entries second) {
    return new LimitVerdict(new Greed.Found(first, second, MICROS), OTHERS, OTHERS);
  }

  private static List<String> failedChecks(LimitVerdict verdict) {
    return verdict.checks().stream().filter(check -> !check.holds()).map(Check::claim).toList();
  }
}
