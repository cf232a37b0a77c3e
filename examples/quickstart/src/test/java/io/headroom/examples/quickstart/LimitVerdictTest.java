package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.LoadSignal;
import io.headroom.examples.quickstart.service.Entries;
import io.headroom.examples.quickstart.service.Limits;
import io.headroom.examples.quickstart.service.WebServer;
import io.headroom.testkit.servers.RedisReply;
import io.headroom.testkit.servers.RedisServer;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** That the quickstart would notice limits that are wrong: it is judged by itself otherwise. */
class LimitVerdictTest {

  /** Of the greedy address's permits, 50 are the burst and 152 flow in, and half of the next. */
  private static final long MICROS = 1_525_000;

  private static final Entries OTHERS = new Entries(500, 500, 100, 100);

  @Test
  void onePermitTooManyIsFound() {
    assertThat(verdict(admitted(101, 0), admitted(101, 0)).overAdmitted()).isZero();
    assertThat(verdict(admitted(102, 0), admitted(101, 0)).overAdmitted()).isOne();
    assertThat(failedChecks(verdict(admitted(102, 0), admitted(101, 0))))
        .hasToString(
            "[FAIL 100 requests/s per address, burst 50: 1 over, at 65.6 times its limit:"
                + " 203 of 10,000 were admitted, at most 202 allowed]");
  }

  @Test
  void decisionsWithoutRedisAreJudgedByEachServicesPart() {
    assertThat(verdict(admitted(202, 101), admitted(202, 101)).overAdmitted()).isZero();
    assertThat(verdict(admitted(202, 102), admitted(202, 101)).overAdmitted()).isOne();
    assertThat(verdict(admitted(102, 102), admitted(0, 0)).overAdmitted())
        .as("what one service has left the other must not have")
        .isOne();
  }

  @Test
  void aLimitThatIsNotUsedUpIsFound() {
    assertThat(verdict(admitted(101, 0), admitted(101, 0)).percentUsed())
        .isCloseTo(100 * 202 / 202.5, Offset.offset(1e-9));
    assertThat(failedChecks(verdict(admitted(96, 0), admitted(97, 0)))).isEmpty();
    assertThat(failedChecks(verdict(admitted(96, 0), admitted(96, 0))))
        .hasToString("[FAIL and hardly less: 94.8 % of its limit: 96 and 96]");
    assertThat(failedChecks(verdict(admitted(202, 0), admitted(0, 0))))
        .as("one service admitted nothing")
        .hasToString("[FAIL and hardly less: 99.8 % of its limit: 202 and 0]");
  }

  @Test
  void anAddressThatNeverWasRefusedShowsNothing() {
    Entries admitted = new Entries(101, 101, 0, 0);
    assertThat(failedChecks(verdict(admitted, admitted)))
        .singleElement()
        .extracting(Check::claim)
        .isEqualTo("100 requests/s per address, burst 50");
  }

  @Test
  void anAnswerThatItMustNotGetIsFound() {
    List<Entries> entries = List.of(admitted(101, 0), admitted(101, 0));
    Greed.Found greed = new Greed.Found(entries, entries, MICROS, MICROS, List.of("500 "));
    assertThat(failedChecks(new LimitVerdict(greed, List.of(OTHERS, OTHERS))))
        .hasToString("[FAIL the greedy address was told something each time: 500 ]");
  }

  @Test
  void oneRefusalOfAnybodyElseIsFound() {
    Entries refused = new Entries(500, 499, 0, 0);
    assertThat(verdict(List.of(OTHERS, OTHERS)).othersRefused()).isZero();
    assertThat(verdict(List.of(OTHERS, refused)).othersRefused()).isOne();
    assertThat(failedChecks(verdict(List.of(OTHERS, refused))))
        .hasToString(
            "[FAIL nobody else was refused, by either service: 1 of 1,000, 100 of which were"
                + " decided without Redis]");
    assertThat(failedChecks(verdict(List.of(OTHERS, Entries.NONE))))
        .as("nobody else asked the second")
        .hasSize(1);
  }

  @Test
  void onOneRedisBothServicesTogetherAdmitTheLimit() throws Exception {
    try (RedisServer redis = RedisServer.start()) {
      LimitVerdict verdict = verdictOfARun(redis, redis);
      assertThat(verdict.overAdmitted()).isZero();
      assertThat(verdict.percentUsed()).isPositive();
      assertThat(verdict.othersRefused()).isZero();
    }
  }

  @Test
  void limitsThatAreNotSharedAreFound() throws Exception {
    try (RedisServer redis = RedisServer.start();
        RedisServer another = RedisServer.start()) {
      assertThat(verdictOfARun(redis, another).overAdmitted()).isPositive();
    }
  }

  /** Until more was asked for than one limit lets in, and two do. */
  private static LimitVerdict verdictOfARun(RedisServer first, RedisServer second)
      throws Exception {
    try (Limits here = new Limits(first.uri(), LoadSignal.normal());
        Limits there = new Limits(second.uri(), LoadSignal.normal());
        WebServer one = new WebServer().application(new Hello(), List.of(here.filter()));
        WebServer other = new WebServer().application(new Hello(), List.of(there.filter()));
        HttpLine toOne = new HttpLine(one.start());
        HttpLine toOther = new HttpLine(other.start())) {
      long begin = micros(first);
      for (int i = 0; i < Limits.PER_ADDRESS.capacity() + 1; i++) {
        for (HttpLine line : List.of(toOne, toOther)) {
          line.exchange(Ask.get("/", GreedyAddress.ADDRESS, null));
          line.exchange(Ask.get("/", "10.0.0." + i, null));
        }
      }
      long length = micros(first) - begin;
      List<Entries> greedy =
          List.of(here.entriesOf(GreedyAddress.ADDRESS), there.entriesOf(GreedyAddress.ADDRESS));
      return new LimitVerdict(
          new Greed.Found(greedy, greedy, length, length, List.of()),
          List.of(here.entries().minus(greedy.get(0)), there.entries().minus(greedy.get(1))));
    }
  }

  private static final class Hello extends HttpServlet {

    private static final long serialVersionUID = 1;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.setContentLength(5);
      response.getOutputStream().print("hello");
    }
  }

  private static long micros(RedisServer redis) {
    List<RedisReply> time = redis.command("TIME").elements();
    return TimeUnit.SECONDS.toMicros(time.get(0).integer()) + time.get(1).integer();
  }

  private static Entries admitted(long permits, long alone) {
    return new Entries(5_000, permits, alone, alone);
  }

  private static LimitVerdict verdict(Entries here, Entries there) {
    List<Entries> entries = List.of(here, there);
    return new LimitVerdict(
        new Greed.Found(entries, entries, MICROS, MICROS, List.of()), List.of(OTHERS, OTHERS));
  }

  private static LimitVerdict verdict(List<Entries> others) {
    List<Entries> entries = List.of(admitted(101, 0), admitted(101, 0));
    return new LimitVerdict(new Greed.Found(entries, entries, MICROS, MICROS, List.of()), others);
  }

  private static List<Check> failedChecks(LimitVerdict verdict) {
    Results results = new Results();
    verdict.judge(results);
    return results.checks().stream().filter(check -> !check.holds()).toList();
  }
}
