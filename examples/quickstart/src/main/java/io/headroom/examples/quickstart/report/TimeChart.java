package io.headroom.examples.quickstart.report;

import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A chart of values over the time of a run. Shapes stretch with the page, texts do not: they are
 * placed by percent.
 */
final class TimeChart {

  /** Where seconds with errors are marked, below the lines; in CSS pixels. */
  private static final int STRIP = 22;

  private final String id;
  private final String title;
  private final String about;
  private final Scale scale;
  private final DoubleFunction<String> tickText;
  private final int height;
  private final List<Line> lines;
  private @Nullable Line areaFrom;
  private @Nullable Line areaTo;
  private boolean showsErrors;
  private boolean numbered;
  private double bound = Double.NaN;

  TimeChart(
      String id,
      String title,
      String about,
      Scale scale,
      DoubleFunction<String> tickText,
      int height,
      List<Line> lines) {
    this.id = id;
    this.title = title;
    this.about = about;
    this.scale = scale;
    this.tickText = tickText;
    this.height = height;
    this.lines = lines;
  }

  /** Fills what lies between two lines, or below the second. */
  TimeChart area(@Nullable Line from, Line to) {
    areaFrom = from;
    areaTo = to;
    return this;
  }

  TimeChart bound(double value) {
    bound = value;
    return this;
  }

  TimeChart errors() {
    showsErrors = true;
    return this;
  }

  /** Numbers the marks above this chart. */
  TimeChart numbered() {
    numbered = true;
    return this;
  }

  void draw(Markup page, Trace trace, TimeAxis axis, Marks marks) {
    boolean any =
        trace.seconds().stream()
            .anyMatch(it -> lines.stream().anyMatch(line -> known(line.value(), it)));
    page.add("<figure class='chart' id='{}' style='{}'>", id, numbered ? marks.room() : "");
    page.add("<figcaption><h3>{}</h3><p>{}</p></figcaption>", title, about);
    if (!any) {
      page.add("<p class='none'>This run measured nothing of this kind.</p>");
    } else {
      legend(page, trace);
      plot(page, trace, axis, marks);
    }
    if (numbered) {
      marks.legend(page);
    }
    page.add("</figure>");
  }

  private void legend(Markup page, Trace trace) {
    page.add("<ul class='legend'>");
    for (Line line : lines) {
      page.add("<li><svg class='swatch' width='30' height='10' aria-hidden='true'>");
      page.add("<path class='line {}' d='M1,5H29'/></svg>", line.style());
      page.add("<b>{}</b> <span>{}</span></li>", line.name(), line.legend());
    }
    if (showsErrors) {
      long errors = trace.seconds().stream().mapToLong(Second::errors).sum();
      page.add("<li><svg class='swatch' width='12' height='10' aria-hidden='true'>");
      page.add("<path class='error' d='M2,1L10,9M2,9L10,1'/></svg>");
      page.add(
          "<b>errors</b> <span>{}</span></li>",
          errors == 0 ? "none" : "seconds with some, " + Figures.count(errors) + " in all");
    }
    page.add("</ul>");
  }

  private void plot(Markup page, Trace trace, TimeAxis axis, Marks marks) {
    StringJoiner at = new StringJoiner(",", "[", "]");
    StringJoiner say = new StringJoiner("|");
    for (Second second : trace.seconds()) {
      at.add(Figures.plain(axis.percent(second.middle())));
      say.add(say(second));
    }
    int whole = height + (showsErrors ? STRIP : 0);
    page.add("<p class='readout' aria-hidden='true'>\u00a0</p>");
    page.add("<div class='plot' data-at='{}' data-say='{}'>", at, say);
    page.add("<svg class='time' role='img' aria-labelledby='{}-t {}-d' ", id, id);
    page.add("width='100%' height='{}'>", whole);
    page.add("<title id='{}-t'>{}</title><desc id='{}-d'>", id, title, id);
    page.add("{} {}</desc>", about, summary(trace));
    grid(page, axis, whole);
    marks.lines(page);
    shapes(page, trace);
    if (showsErrors) {
      errors(page, trace, axis);
    }
    if (Double.isFinite(bound)) {
      double y = scale.down(bound) * height;
      page.add("<line class='bound' x1='0' x2='100%' y1='{}' y2='{}'/>", y, y);
      page.add("<text class='bound' x='100%' dx='-4' y='{}'>", y - 6);
      page.add("{}</text>", tickText.apply(bound));
    }
    if (numbered) {
      marks.numbers(page);
    }
    page.add("<line class='cross' x1='0' x2='0' y1='0' y2='{}'/></svg>", whole);
    page.add("<div class='hover'></div></div>");
  }

  private void grid(Markup page, TimeAxis axis, int whole) {
    for (double tick : scale.ticks()) {
      double y = scale.down(tick) * height;
      page.add("<line class='grid' x1='0' x2='100%' y1='{}' y2='{}'/>", y, y);
      page.add("<text class='y' x='-8' y='{}' dy='.34em'>{}</text>", y, tickText.apply(tick));
    }
    Bands.ticks(page, axis, whole);
  }

  private void shapes(Markup page, Trace trace) {
    page.add("<svg width='100%' height='{}' viewBox='0 0 1000 {}' ", height, height);
    page.add("preserveAspectRatio='none' overflow='visible'>");
    if (areaTo != null) {
      Line from = areaFrom;
      ToDoubleFunction<Second> lower = from == null ? it -> scale.low() : from.value();
      page.add("<path class='area {}' d='", areaTo.style());
      page.raw(trace.area(lower, areaTo.value(), scale, height)).add("'/>");
    }
    for (Line line : lines) {
      page.add("<path class='line {}' d='", line.style());
      page.raw(trace.path(line.value(), scale, height)).add("'/>");
    }
    page.add("</svg>");
  }

  private void errors(Markup page, Trace trace, TimeAxis axis) {
    int y = height + STRIP / 2 + 2;
    page.add("<text class='y' x='-8' y='{}' dy='.34em'>errors</text>", y);
    for (Second second : trace.seconds()) {
      if (second.errors() > 0) {
        page.add("<svg x='{}%' y='{}' overflow='visible'>", axis.percent(second.middle()), y);
        page.add("<path class='error' d='M-4,-4L4,4M-4,4L4,-4'/></svg>");
      }
    }
  }

  /** What a pointer is told of a second. */
  private String say(Second second) {
    StringJoiner text = new StringJoiner(" · ");
    text.add("from " + Figures.seconds(second.at()));
    for (Line line : lines) {
      text.add(line.name() + " " + line.text().apply(line.value().applyAsDouble(second)));
    }
    if (showsErrors) {
      text.add(Figures.of(second.errors(), "error"));
    }
    return text.toString().replace('|', '/');
  }

  /** What a person who does not see the chart is told of it. */
  private String summary(Trace trace) {
    StringJoiner text = new StringJoiner("; ", "", ".");
    for (Line line : lines) {
      double[] values =
          trace.seconds().stream().mapToDouble(line.value()).filter(Double::isFinite).toArray();
      if (values.length > 0) {
        Arrays.sort(values);
        String least = line.text().apply(values[0]);
        text.add(
            line.name() + " from " + least + " to " + line.text().apply(values[values.length - 1]));
      }
    }
    return text.toString();
  }

  private static boolean known(ToDoubleFunction<Second> value, Second second) {
    return Double.isFinite(value.applyAsDouble(second));
  }
}
