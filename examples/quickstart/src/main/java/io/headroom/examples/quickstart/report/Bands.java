package io.headroom.examples.quickstart.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The load level of each resource over time: the higher the level, the higher its band, so that it
 * is told without colour too.
 */
final class Bands {

  private static final List<String> KNOWN = List.of("NORMAL", "ELEVATED", "HIGH", "CRITICAL");

  private static final int HEIGHT = 24;

  private final Map<String, List<Level>> byResource = new LinkedHashMap<>();
  private final Set<String> names = new LinkedHashSet<>();
  private final TimeAxis axis;
  private final Marks marks;

  Bands(List<Level> levels, TimeAxis axis, Marks marks) {
    this.axis = axis;
    this.marks = marks;
    for (Level level : levels) {
      if (Double.isFinite(level.from()) && Double.isFinite(level.to())) {
        byResource.computeIfAbsent(level.resource(), key -> new ArrayList<>()).add(level);
        names.add(level.level());
      }
    }
  }

  /** The times below a chart: every second one is left out where the page is narrow. */
  static void ticks(Markup page, TimeAxis axis, int height) {
    List<Double> ticks = axis.ticks();
    for (int i = 0; i < ticks.size(); i++) {
      double x = axis.percent(ticks.get(i));
      page.add("<line class='grid tick' x1='{}%' x2='{}%' ", x, x);
      page.add("y1='{}' y2='{}'/>", height, height + 4);
      page.add("<text class='x{}' x='{}%' ", i % 2 == 0 || ticks.size() <= 6 ? "" : " odd", x);
      page.add("y='{}'>{}</text>", height + 18, axis.label(ticks.get(i)));
    }
  }

  void draw(Markup page) {
    page.add("<figure class='chart' id='levels'><figcaption><h3>Load levels</h3>");
    page.add("<p>How loaded each resource was: the higher, the more.</p></figcaption>");
    if (byResource.isEmpty()) {
      page.add("<p class='none'>This run recorded no levels.</p></figure>");
      return;
    }
    legend(page);
    int i = 0;
    for (Map.Entry<String, List<Level>> resource : byResource.entrySet()) {
      row(page, "level-" + i++, resource.getKey(), resource.getValue());
    }
    page.add("<div class='plot bare foot'><svg class='time' width='100%' height='1' ");
    page.add("aria-hidden='true'>");
    ticks(page, axis, 0);
    page.add("</svg></div></figure>");
  }

  private void legend(Markup page) {
    Set<String> shown = new LinkedHashSet<>(KNOWN);
    shown.retainAll(names);
    shown.addAll(names);
    page.add("<ul class='legend'>");
    for (String name : shown) {
      int high = high(name);
      page.add("<li><svg class='swatch' width='18' height='18' aria-hidden='true'>");
      page.add("<rect class='track' width='18' height='18' rx='2'/>");
      page.add("<rect class='level {}' width='18' y='{}' ", style(name), 18 * (4 - high) / 4);
      page.add("height='{}'/></svg><b>{}</b></li>", 18 * high / 4, name);
    }
    page.add("</ul>");
  }

  private void row(Markup page, String id, String resource, List<Level> levels) {
    page.add("<div class='band'><p class='name'>{}</p>", resource);
    page.add(
        "<div class='plot bare'><svg class='time' role='img' width='100%' height='{}' ", HEIGHT);
    page.add("aria-labelledby='{}'><title id='{}'>{}: ", id, id, resource);
    for (Level level : levels) {
      page.add("{} {}; ", level.level(), span(level));
    }
    page.add("</title><rect class='track' width='100%' height='100%' rx='3'/>");
    marks.lines(page);
    for (Level level : levels) {
      double from = axis.percent(Math.min(level.from(), level.to()));
      double wide = axis.percent(Math.max(level.from(), level.to())) - from;
      int tall = HEIGHT * high(level.level()) / 4;
      page.add("<rect class='level {}' x='{}%' width='{}%' ", style(level.level()), from, wide);
      page.add("y='{}' height='{}'><title>{}, ", HEIGHT - tall, tall, level.level());
      page.add("{}</title></rect>", span(level));
    }
    page.add("</svg></div></div>");
  }

  private static String span(Level level) {
    return "from " + Figures.seconds(level.from()) + " to " + Figures.seconds(level.to());
  }

  private static int high(String level) {
    int known = KNOWN.indexOf(level);
    return known < 0 ? 2 : known + 1;
  }

  private static String style(String level) {
    return KNOWN.contains(level) ? level.toLowerCase(Locale.ROOT) : "other";
  }
}
