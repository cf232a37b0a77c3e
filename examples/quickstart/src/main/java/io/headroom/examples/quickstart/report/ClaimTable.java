package io.headroom.examples.quickstart.report;

import java.util.List;

/** The claims, each beside what was measured. On a narrow page each row is a card of its own. */
record ClaimTable(List<Claim> claims) {

  void draw(Markup page) {
    page.add("<section class='card' aria-labelledby='claims-h'>");
    page.add("<h2 id='claims-h'>What was claimed, and what was measured</h2>");
    if (claims.isEmpty()) {
      page.add("<p class='none'>This run looked at no claims.</p></section>");
      return;
    }
    page.add("<table class='claims' role='table'><caption>The run fails if a claim marked ");
    page.add("<i class='gate'>gate</i> is missed, or one of its other checks.</caption>");
    page.add("<thead role='rowgroup'><tr role='row'>");
    for (String head : List.of("claim", "seed’s figure", "measured here", "verdict")) {
      page.add("<th role='columnheader' scope='col'>{}</th>", head);
    }
    page.add("</tr></thead><tbody role='rowgroup'>");
    claims.forEach(claim -> row(page, claim));
    page.add("</tbody></table></section>");
  }

  private static void row(Markup page, Claim claim) {
    page.add("<tr role='row'><th role='rowheader' scope='row'>{}", claim.claim());
    page.add(claim.gates() ? "\u00a0<i class='gate'>gate</i></th>" : "</th>");
    page.add("<td role='cell' data-is='seed’s figure'><span>{}</span></td>", given(claim.seed()));
    page.add(
        "<td role='cell' data-is='measured here'><span>{}</span></td>", given(claim.measured()));
    page.add("<td role='cell' data-is='verdict'>");
    page.add(
        switch (claim.verdict()) {
          case HOLDS -> "<b class='good'>✓ holds</b>";
          case MISSED -> "<b class='bad'>✗ missed</b>";
        });
    page.add("</td></tr>");
  }

  private static String given(String figure) {
    return figure.isBlank() ? Figures.NONE : figure;
  }
}
