package io.headroom.examples.quickstart.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Which server answered and why that one, as stacked bars: blue on the primary by intent, green on
 * a replica, amber on the primary for want of one. Hatched where two stand side by side.
 */
final class Reasons {

  private static final List<String> KNOWN =
      List.of(
          "WRITE",
          "STRONG",
          "SERIALIZABLE",
          "METADATA",
          "NO_REPLICAS",
          "FRESH",
          "WAITED",
          "BACKUP",
          "STALE",
          "SPILLED_LAGGING",
          "SPILLED_DOWN");

  private final List<NodeReads> nodes;
  private final Map<String, Long> totals = new LinkedHashMap<>();

  Reasons(List<NodeReads> nodes) {
    this.nodes = nodes;
    for (String known : KNOWN) {
      add(known);
    }
    for (NodeReads node : nodes) {
      node.byReason().keySet().forEach(this::add);
    }
    totals.values().removeIf(total -> total == 0);
  }

  private void add(String reason) {
    long total = nodes.stream().mapToLong(node -> node.byReason().getOrDefault(reason, 0L)).sum();
    totals.put(reason, total);
  }

  void draw(Markup page) {
    page.add("<section class='card' aria-labelledby='reads-h'>");
    page.add("<h2 id='reads-h'>Which server answered, and why</h2>");
    if (totals.isEmpty()) {
      page.add("<p class='none'>This run counted no reads.</p></section>");
      return;
    }
    legend(page);
    page.add("<div class='bars' id='reads'>");
    long most = nodes.stream().mapToLong(NodeReads::total).max().orElse(1);
    for (int i = 0; i < nodes.size(); i++) {
      row(page, nodes.get(i), "reads-" + i, Math.max(1, most));
    }
    page.add("</div>");
    table(page);
    page.add("</section>");
  }

  private void legend(Markup page) {
    long all = totals.values().stream().mapToLong(Long::longValue).sum();
    page.add("<ul class='legend'>");
    totals.forEach(
        (reason, total) -> {
          page.add("<li><svg class='swatch' width='14' height='14' aria-hidden='true'>");
          segment(page, reason, "0", "100%", "");
          page.add("</svg><b>{}</b> ", reason);
          page.add("<span>{}</span></li>", Figures.percent(100.0 * total / all));
        });
    page.add("</ul>");
  }

  private void row(Markup page, NodeReads node, String id, long most) {
    page.add("<div class='bar'><p class='name'>{} <span>{}</span></p>", node.node(), node.shard());
    page.add(
        "<svg role='img' width='100%' height='20' aria-labelledby='{}'><title id='{}'>", id, id);
    page.add("{} of {}: {}</title>", node.node(), node.shard(), Figures.count(node.total()));
    page.add("<rect class='track' width='100%' height='100%' rx='3'/>");
    double x = 0;
    for (String reason : totals.keySet()) {
      long times = node.byReason().getOrDefault(reason, 0L);
      if (times > 0) {
        double wide = 100.0 * times / most;
        String tip = reason + " " + Figures.count(times);
        segment(page, reason, Figures.plain(x) + "%", Figures.plain(wide) + "%", tip);
        x += wide;
      }
    }
    page.add("</svg><p class='total'>{}</p></div>", Figures.count(node.total()));
  }

  private static void segment(Markup page, String reason, String x, String width, String tip) {
    int known = KNOWN.indexOf(reason);
    String style = known < 0 ? "unknown" : reason.toLowerCase(Locale.ROOT);
    page.add("<g><rect class='reason {}' x='{}' width='{}' height='100%'/>", style, x, width);
    page.add("<rect class='texture {}' x='{}' width='{}' height='100%'/>", style, x, width);
    if (!tip.isEmpty()) {
      page.add("<title>{}</title>", tip);
    }
    page.add("</g>");
  }

  private void table(Markup page) {
    List<String> reasons = new ArrayList<>(totals.keySet());
    page.add("<details><summary>These bars as a table</summary>");
    page.add("<div class='scroll' tabindex='0' role='region' aria-label='Reads by server'>");
    page.add("<table class='figures'><caption>What each server was given to do</caption>");
    page.add("<thead><tr><th scope='col'>server</th><th scope='col'>shard</th>");
    reasons.forEach(reason -> page.add("<th scope='col'>{}</th>", reason));
    page.add("</tr></thead><tbody>");
    for (NodeReads node : nodes) {
      page.add("<tr><th scope='row'>{}</th><td>{}</td>", node.node(), node.shard());
      for (String reason : reasons) {
        page.add("<td>{}</td>", Figures.count(node.byReason().getOrDefault(reason, 0L)));
      }
      page.add("</tr>");
    }
    page.add("</tbody></table></div></details>");
  }
}
