package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import io.headroom.LagLimit;
import io.headroom.RequestContext;
import io.headroom.jdbc.BindRequest;
import io.headroom.jdbc.Binding;
import io.headroom.routing.Borrowing.Borrowed;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a request's token says to a read, and what reads and commits add to it. */
class PositionsTest {

  private final ProbeThreads threads = ProbeThreads.create(2);
  private final RequestContext request = RequestContext.builder().build();
  private StubFleet fleet;
  private Positions positions;

  @BeforeEach
  void open() {
    fleet = new StubFleet(1, threads, builder -> builder);
    positions = fleet.dataSource().routes().positions();
  }

  @AfterEach
  void everythingWasGivenBack() {
    fleet.close();
    threads.close();
    assertThat(fleet.borrowed()).isZero();
  }

  private static RequestContext asking(Consistency consistency) {
    RequestContext asking = RequestContext.builder().with(Consistency.KEY, consistency).build();
    asking.observe(StubFleet.token(1, 70));
    return asking;
  }

  @Test
  void aReadAsksForWhatItsTokenSaw() {
    Position seen = new Position(1, 70);
    Consistency bounded = Consistency.bounded(Duration.ofSeconds(1));
    assertThat(positions.needOf(asking(Consistency.READ_YOUR_WRITES)))
        .isEqualTo(new ReadNeed(Consistency.READ_YOUR_WRITES, seen));
    assertThat(positions.needOf(asking(Consistency.MONOTONIC)))
        .isEqualTo(new ReadNeed(Consistency.MONOTONIC, seen));
    assertThat(positions.needOf(asking(bounded))).isEqualTo(new ReadNeed(bounded, seen));
    assertThat(positions.needOf(asking(Consistency.EVENTUAL)).atLeast()).isNull();
    assertThat(positions.needOf(asking(Consistency.STRONG)).atLeast()).isNull();
    assertThat(positions.needOf(request))
        .isEqualTo(new ReadNeed(Consistency.READ_YOUR_WRITES, null));
    assertThat(positions.timelineSeen(asking(Consistency.EVENTUAL))).isEqualTo(1);
    assertThat(positions.timelineSeen(request)).isZero();
  }

  private static RequestContext limited(RequestContext context, Duration limit) {
    return context.toBuilder().with(LagLimit.KEY, limit).build();
  }

  @Test
  void aLimitNarrowsWhatIsAskedFor() {
    Position seen = new Position(1, 70);
    Duration limit = Duration.ofSeconds(2);
    Consistency longer = Consistency.bounded(Duration.ofSeconds(9));
    for (Consistency any :
        List.of(
            Consistency.EVENTUAL, longer, Consistency.READ_YOUR_WRITES, Consistency.MONOTONIC)) {
      assertThat(positions.needOf(limited(asking(any), limit)))
          .isEqualTo(new ReadNeed(any.within(limit), seen));
    }
    assertThat(positions.needOf(limited(request, limit)))
        .as("the default, without a token")
        .isEqualTo(new ReadNeed(Consistency.READ_YOUR_WRITES.within(limit), null));
    assertThat(positions.needOf(limited(asking(Consistency.STRONG), limit)))
        .isEqualTo(new ReadNeed(Consistency.STRONG, null));
  }

  @Test
  void noReplicaIsWithinALimitOfNothing() {
    for (Duration nothing : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
      assertThat(positions.needOf(limited(asking(Consistency.MONOTONIC), nothing)))
          .isEqualTo(new ReadNeed(Consistency.MONOTONIC, null, true));
    }
  }

  @Test
  void underALimitAPositionThatNobodyKnowsIsForThePrimaryThoughItMightBeStale() {
    RequestContext asking = asking(Consistency.READ_YOUR_WRITES.orStale());
    asking.observe(StubFleet.token(1, Position.UNKNOWN));
    assertThat(positions.needOf(asking).onPrimary()).isFalse();
    assertThat(positions.needOf(limited(asking, Duration.ofSeconds(2))).onPrimary()).isTrue();
  }

  /** One domain more than it can hold, each of which sorts before ours. */
  @Test
  void aTokenThatHadToForgetAsksForThePrimary() {
    for (int domain = 0; domain <= ConsistencyToken.MAX_DOMAINS; domain++) {
      request.observe(ConsistencyToken.of("a" + domain, 1, 1));
    }
    assertThat(positions.needOf(request))
        .isEqualTo(new ReadNeed(Consistency.READ_YOUR_WRITES, null, true));
  }

  private void committed() {
    Sample before = fleet.node(0).sample();
    positions.committed(
        request, fleet.node(0), before, fleet.dataSource().routes().time().nanoTime());
  }

  @Test
  void aCommitsPositionIsAskedForWhenTheTokenIsRead() {
    committed();
    assertThat(fleet.calls).isEmpty();
    assertThat(request.token()).isEqualTo(StubFleet.token(1, 100));
    assertThat(request.token()).isEqualTo(StubFleet.token(1, 100));
    assertThat(fleet.made("a.probe.written")).isEqualTo(1);
    assertThat(fleet.made("a.close")).isEqualTo(1);
  }

  @Test
  void aProbeThatBeganSinceSavesTheQuestion() {
    committed();
    fleet.learn(0, NodeRole.PRIMARY, 1, 120);
    assertThat(request.token()).isEqualTo(StubFleet.token(1, 120));
    assertThat(fleet.calls).isEmpty();
  }

  @Test
  void aProbeOfAnotherRunSaysNothing() {
    committed();
    fleet.server(0).is("cluster", "next run", NodeRole.PRIMARY, 1, 120);
    fleet.probe(0);
    assertThat(request.token()).isEqualTo(StubFleet.token(1, 120));
    assertThat(fleet.made("a.probe.written")).isEqualTo(1);
  }

  @Test
  void whereItCannotBeAskedTheMonitorAsksOnceMore() {
    fleet.fail("a.probe.written", new SQLException("broken", "08006"));
    committed();
    assertThat(request.token()).isEqualTo(StubFleet.token(1, 100));
    assertThat(fleet.made("a.close")).isEqualTo(1);
  }

  /** Nothing is as high, so no replica on this timeline will do. */
  @Test
  void whereNobodyTellsThePositionIsTheHighest() {
    fleet.server(0).silent = true;
    fleet.fail("a.getConnection", new SQLException("refused", "08001"));
    committed();
    assertThat(request.token()).isEqualTo(StubFleet.token(1, Long.MAX_VALUE));
  }

  private Borrowed borrowed() throws SQLException {
    return fleet
        .dataSource()
        .routes()
        .borrowing()
        .borrow(fleet.node(1), BindRequest.of(true, true));
  }

  @Test
  void whatAReplicaShowedIsAskedAfterwardsAndOutsideOfTransactions() throws SQLException {
    Borrowed read = borrowed();
    fleet.server(1).visible = 110L;
    Binding binding = read.binding();
    assertThat(positions.saw(request, read.sample(), binding.connection())).isTrue();
    assertThat(request.token()).isEqualTo(StubFleet.token(1, 110));
    assertThat(fleet.made("b.rollback")).isZero();
    binding.connection().setAutoCommit(false);
    fleet.server(1).visible = 130L;
    assertThat(positions.saw(request, read.sample(), binding.connection())).isTrue();
    assertThat(request.token()).isEqualTo(StubFleet.token(1, 130));
    assertThat(fleet.calls)
        .containsSubsequence("b.rollback", "b.setAutoCommit[true]", "b.probe.visible");
    assertThat(binding.connection().getAutoCommit()).isFalse();
    binding.giveBack();
  }

  @Test
  void aReplicaThatBrokeDoesNotTell() throws SQLException {
    Borrowed read = borrowed();
    Connection connection = read.binding().connection();
    fleet.fail("b.probe.visible", new SQLException("broken", "08006"));
    assertThat(positions.saw(request, read.sample(), connection)).isFalse();
    connection.setAutoCommit(false);
    fleet.fail("b.rollback", new SQLException("broken", "08006"));
    assertThat(positions.saw(request, read.sample(), connection)).isFalse();
    assertThat(request.token().isEmpty()).isTrue();
    read.binding().giveBack();
  }

  @Test
  void aReplicaWithoutPositionsIsNotAsked() throws SQLException {
    Borrowed read = borrowed();
    assertThat(positions.saw(request, sample(OptionalLong.empty(), 0), read.binding().connection()))
        .isTrue();
    assertThat(fleet.made("b.probe.visible")).isZero();
    assertThat(request.token().isEmpty()).isTrue();
    read.binding().giveBack();
  }

  private static Sample sample(OptionalLong timeline, long position) {
    return new Sample(
        1,
        2,
        new NodeStatus(
            NodeRole.PRIMARY, "cluster", "run", timeline, position, true, Optional.empty()));
  }

  @Test
  void aReadOnThePrimaryRenewsWhatNoReplicaCanBeHeldAgainst() throws SQLException {
    Borrowed read = borrowed();
    Connection connection = read.binding().connection();
    Sample primary = sample(OptionalLong.of(2), 200);
    TimelineEnds ends = TimelineEnds.of(2).with(1, 80);
    positions.readOnPrimary(request, connection, primary, ends);
    assertThat(request.token().isEmpty()).as("nothing was seen").isTrue();
    request.observe(StubFleet.token(1, 70));
    positions.readOnPrimary(request, connection, primary, ends);
    assertThat(request.token()).as("it holds on").isEqualTo(StubFleet.token(1, 70));
    request.observe(StubFleet.token(1, 90));
    positions.readOnPrimary(request, connection, sample(OptionalLong.empty(), 0), ends);
    assertThat(request.token()).as("nothing to go by").isEqualTo(StubFleet.token(1, 90));
    positions.readOnPrimary(request, connection, primary, ends);
    assertThat(request.token()).isEqualTo(StubFleet.token(2, 200));
    assertThat(fleet.made("a.probe.written") + fleet.made("b.probe.written"))
        .as("a sample will do")
        .isZero();
    read.binding().giveBack();
  }
}
