package io.headroom.examples.quickstart.report;

import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;

/** The charts over the time of a run, one below the other on the same axis. */
final class OverTime {

  /** The latency that people notice, and the line to stay below. */
  private static final double BOUND_MILLIS = 200;

  private final RunReport report;
  private final TimeAxis axis;
  private final Trace trace;
  private final Marks marks;

  OverTime(RunReport report) {
    this.report = report;
    this.axis = TimeAxis.of(report);
    this.trace = new Trace(report.seconds(), axis);
    this.marks = new Marks(report.marks(), axis);
  }

  void draw(Markup page) {
    page.add("<section class='card' aria-labelledby='time-h'>");
    page.add("<h2 id='time-h'>The run, second by second</h2>");
    latency().draw(page, trace, axis, marks);
    requests().draw(page, trace, axis, marks);
    hits().draw(page, trace, axis, marks);
    new Bands(report.levels(), axis, marks).draw(page);
    new SecondsTable(trace.seconds()).draw(page);
    page.add("</section>");
  }

  private TimeChart latency() {
    Line p50 = millis("p50", Second::p50Millis);
    Line p95 = millis("p95", Second::p95Millis);
    Line p99 = millis("p99", Second::p99Millis);
    DoubleStream all =
        DoubleStream.concat(
            DoubleStream.of(BOUND_MILLIS),
            trace.seconds().stream()
                .flatMapToDouble(
                    it -> DoubleStream.of(it.p50Millis(), it.p95Millis(), it.p99Millis())));
    return new TimeChart(
            "latency",
            "Latency",
            "Of the requests of each second; on a logarithmic axis.",
            Scale.logarithmic(all),
            OverTime::milliTick,
            260,
            List.of(p50, p95, p99))
        .area(p50, p99)
        .bound(BOUND_MILLIS)
        .numbered();
  }

  private TimeChart requests() {
    ToDoubleFunction<Second> refusals = it -> it.refused();
    Line served = line("answered", "served", Second::perSecond, Figures::perSecond);
    long sum = trace.seconds().stream().mapToLong(Second::refused).sum();
    Line refused =
        new Line("refused", "refused", refusals, Figures::rounded, Figures.count(sum) + " in all");
    double most = Math.max(most(Second::perSecond), most(refusals));
    return new TimeChart(
            "requests",
            "Requests",
            "Answered, and refused by a limit or a guard, by the second.",
            Scale.linear(most),
            Figures::rounded,
            170,
            List.of(served, refused))
        .area(null, served)
        .errors();
  }

  private TimeChart hits() {
    return new TimeChart(
        "hits",
        "Cache hits",
        "Reads that the process had at hand (L1); of the others, those that Redis had (L2).",
        Scale.percent(),
        tick -> Figures.plain(tick) + "\u202f%",
        150,
        List.of(
            line("L1", "l1", Second::l1Percent, Figures::percent),
            line("L2", "l2", Second::l2Percent, Figures::percent)));
  }

  private Line millis(String name, ToDoubleFunction<Second> value) {
    double worst = most(value);
    String legend = Double.isFinite(worst) ? "at most " + Figures.millis(worst) : "not measured";
    return new Line(name, name, value, Figures::millis, legend);
  }

  /** A line whose legend says how low and how high it was. */
  private Line line(
      String name, String style, ToDoubleFunction<Second> value, DoubleFunction<String> text) {
    double most = most(value);
    double least =
        trace.seconds().stream()
            .mapToDouble(value)
            .filter(Double::isFinite)
            .min()
            .orElse(Double.NaN);
    String legend =
        Double.isFinite(most) ? text.apply(least) + " to " + text.apply(most) : "not measured";
    return new Line(name, style, value, text, legend);
  }

  private double most(ToDoubleFunction<Second> value) {
    return trace.seconds().stream()
        .mapToDouble(value)
        .filter(Double::isFinite)
        .max()
        .orElse(Double.NaN);
  }

  private static String milliTick(double millis) {
    return millis < 1000
        ? Figures.plain(millis) + "\u202fms"
        : Figures.plain(millis / 1000) + "\u202fs";
  }
}
