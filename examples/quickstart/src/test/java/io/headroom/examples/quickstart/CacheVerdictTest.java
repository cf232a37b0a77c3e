package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headroom.ConsistencyToken;
import java.time.Duration;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** That the quickstart would notice a cache that is wrong: it is judged by itself otherwise. */
class CacheVerdictTest {

  private static final long USER = 42;

  /** Redis is away from second 100 to 103. */
  private static final Faults.Outage OUTAGE = new Faults.Outage(at(100), at(103));

  private final ProfileJudge judge = new ProfileJudge();

  @Test
  void aVersionThatItsOwnProcessReplacedIsStaleAtOnce() {
    judge.weChanged(change(2, 10));
    judge.read(USER, profile(1), at(9.999));
    assertThat(verdict().stale()).isZero();
    judge.read(USER, profile(2), at(10.001));
    assertThat(verdict().stale()).isZero();
    judge.read(USER, profile(1), at(10.001));
    assertThat(verdict().stale()).isOne();
  }

  @Test
  void whoHasTheTokenMustSeeTheChangeAtOnceThoughRedisIsAway() {
    judge.readWithToken(change(2, 101), profile(2), at(101.001));
    assertThat(verdict().stale()).isZero();
    judge.readWithToken(change(2, 101), profile(1), at(101.001));
    assertThat(verdict().stale()).isOne();
  }

  @Test
  void othersMustSeeItOnceTheNewsHadTimeToCome() {
    judge.theyChanged(change(2, 10));
    judge.theyChanged(change(3, 20));
    judge.read(USER, profile(1), at(10.9));
    judge.read(USER, profile(2), at(20.9));
    assertThat(verdict().stale()).isZero();
    judge.read(USER, profile(1), at(20.9));
    assertThat(verdict().stale()).as("it has missed the first of the changes for long").isOne();
  }

  @Test
  void whileRedisIsAwayTheyHaveAsMuchMoreAsTheCacheMayBeStale() {
    judge.theyChanged(change(2, 99.5));
    judge.read(USER, profile(1), at(103.4));
    assertThat(verdict().stale()).isZero();
    judge.read(USER, profile(1), at(103.6));
    assertThat(verdict().stale()).isOne();
  }

  @Test
  void aWriterWhoMissesItsOwnChangeIsFound() {
    judge.readOwn(change(2, 10), profile(1));
    assertThat(verdict().stale()).isOne();
    assertThat(verdict().checks())
        .filteredOn(check -> !check.holds())
        .extracting(Check::claim)
        .contains("every writer was shown the profile as it had changed it");
  }

  @Test
  void arrivalsAreCountedApartWhileRedisIsAway() {
    judge.arrived(change(2, 10), at(10.002));
    judge.arrived(change(3, 101), at(104));
    assertThat(verdict().arrivals().getTotalCount()).isOne();
    assertThat(verdict().arrivals().getMaxValue())
        .isCloseTo(Duration.ofMillis(2).toNanos(), Percentage.withPercentage(1));
  }

  @Test
  void whatOneProcessTellsTheOtherUnderstands() throws Exception {
    Change change = new Change(USER, 7, -5, ConsistencyToken.of("shard-1", 1, 99));
    assertThat(Change.parse(change.toString())).isEqualTo(change);
    Node node = new Node("shard-0", "postgres-0", "jdbc:postgresql://127.0.0.1:1/x?user=y");
    assertThat(Node.parse(node.toString())).isEqualTo(node);
    judge.readWithToken(change, profile(1), at(101));
    ObjectMapper json = new ObjectMapper();
    assertThat(json.readValue(json.writeValueAsString(report()), ProfileReport.class))
        .isEqualTo(report());
  }

  private CacheVerdict verdict() {
    return new CacheVerdict(report(), report(new ProfileJudge()), OUTAGE);
  }

  private ProfileReport report() {
    return report(judge);
  }

  private static ProfileReport report(ProfileJudge judge) {
    return new ProfileReport(10, 5, 3, 2, 1, 1, judge.findings(), 0);
  }

  private static Change change(long version, double seconds) {
    return new Change(USER, version, at(seconds), ConsistencyToken.NONE);
  }

  private static Profile profile(long version) {
    return new Profile(USER, OrderBook.email(USER), version);
  }

  private static long at(double seconds) {
    return Math.round(seconds * 1e9);
  }
}
