package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Results.decimal;
import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.examples.quickstart.report.ShardSlots;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The stage in which every shard is asked what it holds, and whether that is all, and right. */
final class PlacementStage {

  /** A share of rows may be off by this many standard deviations: once in 1.7 million runs. */
  private static final double SIGMAS = 5;

  private final Screen screen;
  private final Results results;
  private final Fleet fleet;
  private final int users;
  private final Journal journal;

  PlacementStage(Screen screen, Results results, Fleet fleet, int users, Journal journal) {
    this.screen = screen;
    this.results = results;
    this.fleet = fleet;
    this.users = users;
    this.journal = journal;
  }

  /** Returns what the report shows of it. */
  List<ShardSlots> run() throws SQLException {
    screen.stage("Where the rows are, asked of every shard in SQL");
    screen.line("   %s".formatted(PlacementCheck.misplacedSql("users")));
    PlacementCheck check = new PlacementCheck(fleet);
    List<PlacementCheck.Holdings> found = check.run();
    List<ShardSlots> shards = show(found);
    long misplaced = found.stream().mapToLong(PlacementCheck.Holdings::misplaced).sum();
    results.gate("rows on a shard that does not own them", "0", count(misplaced), misplaced == 0);
    results.put("misplaced", misplaced);
    lost(check, found);
    return shards;
  }

  private List<ShardSlots> show(List<PlacementCheck.Holdings> found) {
    int slotCount = fleet.router().map().slotCount();
    List<List<String>> rows = new ArrayList<>();
    List<ShardSlots> shards = new ArrayList<>();
    double worstShare = 0;
    boolean balanced = true;
    for (PlacementCheck.Holdings shard : found) {
      double share = (double) shard.slots() / slotCount;
      double expected = share * users;
      double deviation = Math.sqrt(expected * (1 - share));
      balanced &= Math.abs(shard.users() - expected) <= SIGMAS * deviation;
      worstShare = Math.max(worstShare, shard.users() / expected);
      shards.add(
          new ShardSlots(shard.shard(), shard.slots(), shard.users(), shard.users() / expected));
      rows.add(
          List.of(
              shard.shard(),
              shard.server(),
              count(shard.slots()),
              count(shard.users()),
              count(Math.round(expected)),
              decimal(shard.users() / expected, 3),
              count(shard.orders()),
              count(shard.misplaced())));
    }
    screen.table(
        List.of(
            "shard", "primary now", "slots", "users", "expected", "ratio", "orders", "misplaced"),
        rows);
    results.check(
        String.format(
            Locale.ROOT, "each shard has its share within %.0f standard deviations", SIGMAS),
        balanced,
        "the fullest has %s times its share".formatted(decimal(worstShare, 3)));
    results.put("worst_share", worstShare, 3, "");
    return shards;
  }

  private void lost(PlacementCheck check, List<PlacementCheck.Holdings> found) throws SQLException {
    long usersThere = found.stream().mapToLong(PlacementCheck.Holdings::users).sum();
    results.check(
        "every user is there once",
        usersThere == users,
        "%s of %s".formatted(count(usersThere), count(users)));
    long orders = found.stream().mapToLong(PlacementCheck.Holdings::orders).sum();
    long least = (long) users * Options.ORDERS_PER_USER + journal.acknowledged();
    results.check(
        "as many orders are there as were loaded and acknowledged",
        orders >= least && orders <= least + journal.unknown(),
        "%s of %s, and of %s nobody was told"
            .formatted(count(orders), count(least), count(journal.unknown())));
    long lost = 0;
    for (PlacementCheck.Holdings shard : found) {
      lost += check.lost(shard.shard(), journal.acknowledgedBy(shard.shard()));
    }
    long onFailed = journal.acknowledgedBy(Fleet.shard(Fleet.FAILING)).size();
    results.gate(
        "acknowledged writes that were lost",
        "0",
        "%s of %s, %s of them on the shard that failed over"
            .formatted(count(lost), count(journal.acknowledged()), count(onFailed)),
        lost == 0 && onFailed > 0);
    results.put("lost_writes", lost);
  }
}
