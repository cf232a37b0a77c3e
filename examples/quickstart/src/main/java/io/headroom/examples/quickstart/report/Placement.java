package io.headroom.examples.quickstart.report;

import java.util.List;
import java.util.Locale;

/** What each shard owns, and what it holds, beside what its slots should hold. */
record Placement(List<ShardSlots> shards) {

  /** The longest bar or line, in percent of the width. */
  private static final double LONGEST = 98;

  void draw(Markup page) {
    page.add("<section class='card' aria-labelledby='shards-h'>");
    page.add("<h2 id='shards-h'>Slots and users of each shard</h2>");
    if (shards.isEmpty()) {
      page.add("<p class='none'>This run counted no shards.</p></section>");
      return;
    }
    double most = 1;
    for (ShardSlots shard : shards) {
      most = Math.max(most, Math.max((double) shard.users(), known(fair(shard))));
    }
    page.add("<p class='about'>Bars are users. The line is the fair share by slots; ")
        .add("× says how much of it there is.</p>");
    page.add("<div class='bars' id='shards'>");
    for (int i = 0; i < shards.size(); i++) {
      row(page, shards.get(i), "shard-" + i, most);
    }
    page.add("</div></section>");
  }

  private void row(Markup page, ShardSlots shard, String id, double most) {
    String part = part(shard) + times(shard);
    page.add("<div class='bar'><p class='name'>{} <span>", shard.shard());
    page.add("{}</span></p>", Figures.of(shard.slots(), "slot"));
    page.add("<svg role='img' width='100%' height='20' ");
    page.add("aria-labelledby='{}'><title id='{}'>{}: ", id, id, shard.shard());
    page.add("{} {}</title>", Figures.of(shard.users(), "user"), part);
    page.add("<rect class='track' width='100%' height='100%' rx='3'/>");
    double wide = LONGEST * shard.users() / most;
    page.add("<rect class='users' height='100%' width='{}%'/>", wide);
    if (Double.isFinite(fair(shard))) {
      double x = LONGEST * fair(shard) / most;
      page.add("<line class='fair' x1='{}%' x2='{}%' y1='-3' y2='23'/>", x, x);
    }
    page.add("</svg><p class='total'>{} <span>", Figures.of(shard.users(), "user"));
    page.add("{}</span></p></div>", part);
  }

  private String part(ShardSlots shard) {
    long all = shards.stream().mapToLong(ShardSlots::users).sum();
    return Figures.percent(100.0 * shard.users() / all);
  }

  private static String times(ShardSlots shard) {
    return Double.isFinite(shard.share())
        ? String.format(Locale.ROOT, ", × %.3f", shard.share())
        : "";
  }

  /** How many users would be right; not a number where nobody said so. */
  private static double fair(ShardSlots shard) {
    double fair = shard.users() / shard.share();
    return fair > 0 ? fair : Double.NaN;
  }

  private static double known(double number) {
    return Double.isFinite(number) ? number : 0;
  }
}
