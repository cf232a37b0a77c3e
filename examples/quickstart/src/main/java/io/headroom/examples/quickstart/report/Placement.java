package io.headroom.examples.quickstart.report;

import java.util.List;
import java.util.Locale;

/** What each shard owns, and what it holds, beside what its slots would be by right. */
record Placement(List<ShardSlots> shards) {

  void draw(Markup page) {
    page.add("<section class='card' aria-labelledby='shards-h'>");
    page.add("<h2 id='shards-h'>Slots and users of each shard</h2>");
    if (shards.isEmpty()) {
      page.add("<p class='none'>This run counted no shards.</p></section>");
      return;
    }
    long slots = shards.stream().mapToLong(ShardSlots::slots).sum();
    double most =
        shards.stream()
            .mapToDouble(it -> Math.max(fair(it, slots), known(it.share())))
            .max()
            .orElse(1);
    page.add("<p class='about'>Bars are users. The line is the fair share by slots; ")
        .add("× says how much of it there is.</p>");
    page.add("<div class='bars' id='shards'>");
    for (int i = 0; i < shards.size(); i++) {
      row(page, shards.get(i), "shard-" + i, slots, Math.max(most, 1e-9));
    }
    page.add("</div></section>");
  }

  private static void row(Markup page, ShardSlots shard, String id, long slots, double most) {
    double fair = fair(shard, slots);
    page.add("<div class='bar'><p class='name'>{} <span>", shard.shard());
    page.add("{}</span></p>", Figures.of(shard.slots(), "slot"));
    page.add(
        "<svg role='img' width='100%' height='20' aria-labelledby='{}'><title id='{}'>", id, id);
    page.add("{}: {}, ", shard.shard(), Figures.of(shard.users(), "user"));
    page.add("{} of all; by its slots {}", share(shard.share()), share(fair));
    page.add("</title><rect class='track' width='100%' height='100%' rx='3'/>");
    page.add("<rect class='users' height='100%' width='{}%'/>", 98 * known(shard.share()) / most);
    double x = 98 * fair / most;
    page.add("<line class='fair' x1='{}%' x2='{}%' y1='-3' y2='23'/></svg>", x, x);
    page.add("<p class='total'>{} <span>", Figures.of(shard.users(), "user"));
    page.add("{}{}</span></p></div>", share(shard.share()), ofFair(shard, fair));
  }

  private static String ofFair(ShardSlots shard, double fair) {
    double times = shard.share() / fair;
    return Double.isFinite(times) ? String.format(Locale.ROOT, ", × %.3f", times) : "";
  }

  private static double fair(ShardSlots shard, long slots) {
    return slots == 0 ? 0 : (double) shard.slots() / slots;
  }

  private static double known(double share) {
    return Double.isFinite(share) ? share : 0;
  }

  private static String share(double part) {
    return Figures.percent(100 * part);
  }
}
