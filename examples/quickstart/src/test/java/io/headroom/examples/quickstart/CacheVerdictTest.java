package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.examples.quickstart.service.Figures;
import io.headroom.examples.quickstart.service.Profile;
import io.headroom.examples.quickstart.service.User;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import java.time.Duration;
import java.util.List;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** That the quickstart would notice a cache that is wrong: it is judged by itself otherwise. */
class CacheVerdictTest {

  private static final long USER = 42;
  private static final int HERE = 0;
  private static final int THERE = 1;

  /** Redis is away from second 100 to 103. */
  private static final Faults.Outage OUTAGE = new Faults.Outage(at(100), at(103));

  private static final Figures.Cache CACHE = new Figures.Cache(10, 5, 3, 2, 1, 1);

  private static final InvalidationWatch.Outcome ALL_ARRIVED =
      new InvalidationWatch.Outcome(0, 0, List.of());

  private static final String OWN_WRITES = "stale reads of one's own writes";

  private final ProfileJudge judge = new ProfileJudge();
  private final Journal journal = new Journal(ShardRouter.forLongs(ShardMap.of("shard-0")));

  @Test
  void aVersionThatItsOwnServiceReplacedIsStaleAtOnceThoughRedisIsAway() {
    judge.changed(change(HERE, 2, 101));
    judge.read(HERE, USER, profile(1), at(100.999));
    assertThat(verdict().stale()).isZero();
    judge.read(HERE, USER, profile(2), at(101.001));
    assertThat(verdict().stale()).isZero();
    judge.read(HERE, USER, profile(1), at(101.001));
    assertThat(verdict().stale()).isOne();
  }

  @Test
  void theOtherServiceMustShowItOnceTheNewsHadTimeToCome() {
    judge.changed(change(HERE, 2, 10));
    judge.changed(change(HERE, 3, 20));
    judge.read(THERE, USER, profile(1), at(10.9));
    judge.read(THERE, USER, profile(2), at(20.9));
    assertThat(verdict().stale()).isZero();
    judge.read(THERE, USER, profile(1), at(20.9));
    assertThat(verdict().stale()).as("it has missed the first of the changes for long").isOne();
  }

  @Test
  void whileRedisIsAwayItHasAsMuchMoreAsTheCacheMayBeStale() {
    judge.changed(change(HERE, 2, 99.5));
    judge.read(THERE, USER, profile(1), at(103.4));
    assertThat(verdict().stale()).isZero();
    judge.read(THERE, USER, profile(1), at(103.6));
    assertThat(verdict().stale()).isOne();
  }

  @Test
  void aWriterWhoMissesItsOwnChangeIsFoundWhereverItReads() {
    judge.readOwn(2, 2, true);
    assertThat(verdict().staleOwnReads()).isZero();
    judge.readOwn(2, 1, false);
    assertThat(verdict().staleOwnReads()).isOne();
    assertThat(verdict().stale()).isOne();
    assertThat(failedChecks(ALL_ARRIVED)).contains(OWN_WRITES);
  }

  @Test
  void aWriterWhoMissesItsOwnOrderIsFound() {
    everythingIsWell();
    journal.read(false);
    assertThat(failedChecks(ALL_ARRIVED)).containsExactly(OWN_WRITES);
  }

  @Test
  void nothingIsShownIfNoWriterReadElsewhere() {
    judge.arrived(USER, HERE, at(10), at(10.002));
    judge.arrived(USER, THERE, at(10), at(10.002));
    judge.readOwn(2, 2, false);
    assertThat(failedChecks(ALL_ARRIVED)).containsExactly("stale reads after an invalidation");
  }

  @Test
  void aProfileOfSomebodyElseIsAWrongAnswer() {
    Profile another = new Profile(USER + 1, User.email(USER + 1), 1);
    assertThatThrownBy(() -> judge.read(HERE, USER, another, at(1)))
        .isInstanceOf(WrongAnswerException.class);
    Profile mixedUp = new Profile(USER, User.email(USER + 1), 1);
    assertThatThrownBy(() -> judge.read(HERE, USER, mixedUp, at(1)))
        .isInstanceOf(WrongAnswerException.class);
  }

  @Test
  void arrivalsAreCountedApartWhileRedisIsAway() {
    judge.arrived(USER, THERE, at(10), at(10.002));
    judge.arrived(USER, THERE, at(101), at(104));
    assertThat(verdict().arrivals().getTotalCount()).isOne();
    assertThat(verdict().arrivals().getMaxValue())
        .isCloseTo(Duration.ofMillis(2).toNanos(), Percentage.withPercentage(1));
  }

  @Test
  void whatNeverArrivedIsFound() {
    everythingIsWell();
    assertThat(failedChecks(ALL_ARRIVED)).isEmpty();
    assertThat(failedChecks(new InvalidationWatch.Outcome(1, 0, List.of())))
        .containsExactly("every change that was watched arrived in the other service, both ways");
  }

  @Test
  void whatCouldNotBeWatchedIsFound() {
    everythingIsWell();
    assertThat(failedChecks(new InvalidationWatch.Outcome(0, 1, List.of("no answer"))))
        .containsExactly("both tiers of both caches had profiles");
  }

  private void everythingIsWell() {
    judge.arrived(USER, HERE, at(10), at(10.002));
    judge.arrived(USER, THERE, at(10), at(10.002));
    judge.readOwn(2, 2, true);
  }

  private CacheVerdict verdict() {
    return verdict(ALL_ARRIVED);
  }

  private CacheVerdict verdict(InvalidationWatch.Outcome watched) {
    return new CacheVerdict(List.of(CACHE, CACHE), judge.findings(), watched, OUTAGE);
  }

  private List<String> failedChecks(InvalidationWatch.Outcome watched) {
    Results results = new Results();
    verdict(watched).judge(results, CACHE, journal);
    return results.checks().stream().filter(check -> !check.holds()).map(Check::claim).toList();
  }

  private static Change change(int service, long version, double seconds) {
    return new Change(service, USER, version, at(seconds));
  }

  private static Profile profile(long version) {
    return new Profile(USER, User.email(USER), version);
  }

  private static long at(double seconds) {
    return Math.round(seconds * 1e9);
  }
}
