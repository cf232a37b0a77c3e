package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.examples.quickstart.service.Figures;
import io.headroom.examples.quickstart.service.Profile;
import io.headroom.examples.quickstart.service.User;
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

  private final ProfileJudge judge = new ProfileJudge();

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
    judge.readOwn(2, 2);
    assertThat(verdict().staleOwnReads()).isZero();
    judge.readOwn(2, 1);
    assertThat(verdict().staleOwnReads()).isOne();
    assertThat(verdict().checks())
        .filteredOn(check -> !check.holds())
        .extracting(Check::claim)
        .contains("every writer was shown the profile as it had changed it");
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
    judge.arrived(USER, HERE, at(10), at(10.002));
    judge.arrived(USER, THERE, at(10), at(10.002));
    judge.readOwn(2, 2);
    assertThat(failedChecks(0)).isEmpty();
    assertThat(failedChecks(1))
        .hasToString("[every change that was watched arrived in the other service, both ways]");
  }

  private CacheVerdict verdict() {
    return verdict(0);
  }

  private CacheVerdict verdict(int missing) {
    Figures.Cache cache = new Figures.Cache(10, 5, 3, 2, 1, 1);
    return new CacheVerdict(List.of(cache, cache), judge.findings(), missing, OUTAGE);
  }

  private List<String> failedChecks(int missing) {
    return verdict(missing).checks().stream()
        .filter(check -> !check.holds())
        .map(Check::claim)
        .toList();
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
