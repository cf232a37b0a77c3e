package io.headroom.examples.quickstart.report;

import java.util.List;
import java.util.function.ToLongFunction;

/** What is read first: whether the run was a success, and how large it was. */
record Headline(RunReport report) {

  void draw(Markup page) {
    page.add("<header><p class='run'>{} · {}", Figures.moment(report.started()), "took ");
    page.add("{}</p><h1>{}</h1>", Figures.length(report.length()), report.title());
    List<Claim> missed =
        report.claims().stream().filter(it -> it.verdict() == Verdict.MISSED).toList();
    boolean failed = missed.stream().anyMatch(Claim::gates) || !report.failures().isEmpty();
    String style = failed ? "bad" : report.claims().isEmpty() ? "open" : "good";
    page.add("<div class='verdict {}' role='status'>", style);
    page.raw(icon(style)).add("<div><p>{}</p>", said(missed));
    if (!missed.isEmpty() || !report.failures().isEmpty()) {
      page.add("<ul>");
      report.failures().forEach(it -> page.add("<li>{}</li>", it));
      missed.forEach(it -> page.add("<li>{}: {}</li>", it.claim(), it.measured()));
      page.add("</ul>");
    }
    page.add("</div></div>");
    tiles(page);
    page.add("</header>");
  }

  private String said(List<Claim> missed) {
    long gates = report.claims().stream().filter(Claim::gates).count();
    long failed = missed.stream().filter(Claim::gates).count();
    long others = missed.size() - failed;
    int checks = report.failures().size();
    if (failed > 0) {
      String of = Figures.count(failed) + " of " + Figures.of(gates, "gate") + " missed";
      return checks == 0 ? of : of + "; " + Figures.of(checks, "other check") + " failed";
    }
    if (checks > 0) {
      return Figures.of(checks, "check") + " failed";
    }
    if (report.claims().isEmpty()) {
      return "No claim was looked at";
    }
    String holds =
        switch ((int) Math.min(gates, 2)) {
          case 0 -> "Nothing had to hold";
          case 1 -> "The one gate holds";
          default -> "All " + Figures.count(gates) + " gates hold";
        };
    return others == 0 ? holds : holds + "; " + Figures.of(others, "other claim") + " missed";
  }

  private void tiles(Markup page) {
    if (report.seconds().isEmpty()) {
      return;
    }
    long users = report.shards().stream().mapToLong(ShardSlots::users).sum();
    double worst =
        report.seconds().stream()
            .mapToDouble(Second::p99Millis)
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NaN);
    double most =
        report.seconds().stream()
            .mapToDouble(Second::perSecond)
            .filter(Double::isFinite)
            .max()
            .orElse(Double.NaN);
    page.add("<dl class='tiles'>");
    if (users > 0) {
      tile(page, "users on " + Figures.of(report.shards().size(), "shard"), Figures.count(users));
    }
    tile(page, "answered in the busiest second", Figures.perSecond(most));
    tile(page, "p99 of the slowest second", Figures.millis(worst));
    tile(page, "refused", Figures.count(sum(Second::refused)));
    tile(page, "errors", Figures.count(sum(Second::errors)));
    page.add("</dl>");
  }

  private long sum(ToLongFunction<Second> value) {
    return report.seconds().stream().mapToLong(value).sum();
  }

  private static void tile(Markup page, String name, String figure) {
    page.add("<div><dt>{}</dt><dd>{}</dd></div>", name, figure);
  }

  private static String icon(String style) {
    String shape =
        switch (style) {
          case "good" -> "M9,16.5L14,21.5L23.5,11";
          case "bad" -> "M10.5,10.5L21.5,21.5M10.5,21.5L21.5,10.5";
          default -> "M10,16H22";
        };
    return "<svg width='32' height='32' viewBox='0 0 32 32' aria-hidden='true'>"
        + "<circle cx='16' cy='16' r='15'/><path d='"
        + shape
        + "'/></svg>";
  }
}
