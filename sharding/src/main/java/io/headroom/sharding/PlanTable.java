package io.headroom.sharding;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** The text of a plan. */
final class PlanTable {

  private static final int ROWS = 40;

  private PlanTable() {}

  static String of(RebalancePlan plan) {
    List<PlannedShard> shards = plan.shards();
    int slots = plan.source().slotCount();
    List<PlannedShard> shown = shown(shards);
    int idWidth = "shard".length();
    for (PlannedShard shard : shown) {
      idWidth = Math.max(idWidth, shard.id().length());
    }
    String line = "%-" + idWidth + "s %10s %8s %8s %9s %9s %8s %8s%n";
    StringBuilder out = new StringBuilder();
    out.append(format(line, "shard", "weight", "before", "after", "share", "→ share", "in", "out"));
    for (PlannedShard shard : shown) {
      out.append(
          format(
              line,
              shard.id(),
              shard.weight() == 0 ? "–" : Decimals.shortest(shard.weight()).toPlainString(),
              shard.slotsBefore(),
              shard.slotsAfter(),
              share(shard.slotsBefore(), slots),
              share(shard.slotsAfter(), slots),
              shard.in() == 0 ? "" : "+" + shard.in(),
              shard.out() == 0 ? "" : "-" + shard.out()));
    }
    if (shown.size() < shards.size()) {
      out.append(rest(shards.size() - shown.size(), plan, shown));
    }
    return out.append(
            format(
                "%d of %d slots move, %s of the key space; %s%n",
                plan.moveCount(), slots, share(plan.moveCount(), slots), plan.basis()))
        .toString();
  }

  /** All shards, or those with the most moves, in the order of their ids. */
  private static List<PlannedShard> shown(List<PlannedShard> shards) {
    if (shards.size() <= ROWS) {
      return shards;
    }
    return shards.stream()
        .filter(shard -> shard.in() + shard.out() > 0)
        .sorted(
            Comparator.comparingInt((PlannedShard shard) -> shard.in() + shard.out()).reversed())
        .limit(ROWS)
        .sorted(Comparator.comparing(PlannedShard::id))
        .toList();
  }

  private static String rest(int left, RebalancePlan plan, List<PlannedShard> shown) {
    int in = plan.moveCount();
    int out = plan.moveCount();
    for (PlannedShard shard : shown) {
      in -= shard.in();
      out -= shard.out();
    }
    return format("… %d more shards: +%d -%d slots%n", left, in, out);
  }

  private static String share(int part, int slots) {
    return format("%.3f %%", 100.0 * part / slots);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern.replace("%n", "\n"), values);
  }
}
