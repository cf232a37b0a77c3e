package io.headroom.examples.quickstart.report;

import java.util.List;

/** The figures behind the charts, for whoever reads numbers rather than lines. */
record SecondsTable(List<Second> seconds) {

  void draw(Markup page) {
    if (seconds.isEmpty()) {
      return;
    }
    page.add("<details><summary>These charts as a table</summary>");
    page.add("<div class='scroll' tabindex='0' role='region' aria-label='Figures by the second'>");
    page.add("<table class='figures'><caption>Each second of the run</caption><thead><tr>");
    for (String head :
        List.of(
            "from", "answered", "p50", "p95", "p99", "errors", "refused", "L1 hits", "L2 hits")) {
      page.add("<th scope='col'>{}</th>", head);
    }
    page.add("</tr></thead><tbody>");
    for (Second second : seconds) {
      page.add("<tr><th scope='row'>{}</th>", Figures.seconds(second.at()));
      for (String cell :
          List.of(
              Figures.perSecond(second.perSecond()),
              Figures.millis(second.p50Millis()),
              Figures.millis(second.p95Millis()),
              Figures.millis(second.p99Millis()),
              Figures.count(second.errors()),
              Figures.count(second.refused()),
              Figures.percent(second.l1Percent()),
              Figures.percent(second.l2Percent()))) {
        page.add("<td>{}</td>", cell);
      }
      page.add("</tr>");
    }
    page.add("</tbody></table></div></details>");
  }
}
