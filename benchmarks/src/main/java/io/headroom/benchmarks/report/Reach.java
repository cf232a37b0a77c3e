package io.headroom.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A bound that a group should keep, and the figures that show whether it does.
 *
 * @param claim the bound in words
 * @param terms the figures that decide; all must keep the bound
 */
public record Reach(String claim, List<Term> terms) {

  /** One figure against its bound. */
  public interface Term {
    /**
     * Judges the figure.
     *
     * @param samples the figures of the group
     * @return what was measured and whether that suffices; not measured if a figure is missing
     */
    Verdict judge(Samples samples);
  }

  /**
   * The outcome of one term or of a whole reach.
   *
   * @param measured the figure in words
   * @param met whether the bound is kept
   */
  public record Verdict(String measured, boolean met) {}

  private static final Verdict NOT_MEASURED = new Verdict("not measured", false);

  /**
   * A figure that may be at most so much.
   *
   * @param contender who
   * @param scenario under which parameters
   * @param metric what
   * @param limit the bound, in the metric's base unit
   * @return the term
   */
  public static Term atMost(String contender, String scenario, Metric metric, double limit) {
    return samples -> {
      OptionalDouble value = samples.value(contender, scenario, metric);
      return value.isEmpty()
          ? NOT_MEASURED
          : new Verdict(metric.print(value.getAsDouble()), value.getAsDouble() <= limit);
    };
  }

  /**
   * A time that must be so many times shorter than another's.
   *
   * @param contender who
   * @param peer than whom
   * @param scenario under which parameters
   * @param times how many times
   * @return the term
   */
  public static Term timesFaster(String contender, String peer, String scenario, double times) {
    return timesLess(contender, peer, scenario, Metric.TIME, times);
  }

  /**
   * A figure that must be so many times less than another's.
   *
   * @param contender who
   * @param peer than whose
   * @param scenario under which parameters
   * @param metric what
   * @param times how many times
   * @return the term
   */
  public static Term timesLess(
      String contender, String peer, String scenario, Metric metric, double times) {
    return samples -> {
      OptionalDouble ours = samples.value(contender, scenario, metric);
      OptionalDouble theirs = samples.value(peer, scenario, metric);
      if (ours.isEmpty() || theirs.isEmpty()) {
        return NOT_MEASURED;
      }
      double ratio = theirs.getAsDouble() / ours.getAsDouble();
      return new Verdict(String.format(Locale.ROOT, "%.1f×", ratio), ratio >= times);
    };
  }

  /**
   * A figure that may exceed another's by at most so much.
   *
   * @param contender who
   * @param peer than whom
   * @param scenario under which parameters
   * @param metric what
   * @param limit the greatest difference, in the metric's base unit
   * @return the term
   */
  public static Term atMostAbove(
      String contender, String peer, String scenario, Metric metric, double limit) {
    return samples -> {
      OptionalDouble ours = samples.value(contender, scenario, metric);
      OptionalDouble theirs = samples.value(peer, scenario, metric);
      if (ours.isEmpty() || theirs.isEmpty()) {
        return NOT_MEASURED;
      }
      double above = ours.getAsDouble() - theirs.getAsDouble();
      String sign = above < 0 ? "-" : "+";
      return new Verdict(sign + metric.print(Math.abs(above)), above <= limit);
    };
  }

  /**
   * A figure that may be at most the sum of others' and half a unit, which is the harness's.
   *
   * @param contender who
   * @param parts whose figures are summed up
   * @param scenario under which parameters
   * @param metric what
   * @return the term
   */
  public static Term atMostSum(
      String contender, List<String> parts, String scenario, Metric metric) {
    return samples -> {
      OptionalDouble whole = samples.value(contender, scenario, metric);
      double sum = 0;
      for (String part : parts) {
        sum += samples.value(part, scenario, metric).orElse(Double.NaN);
      }
      if (whole.isEmpty() || Double.isNaN(sum)) {
        return NOT_MEASURED;
      }
      String measured = metric.print(whole.getAsDouble()) + " of " + metric.print(sum);
      return new Verdict(measured, whole.getAsDouble() <= sum + 0.5);
    };
  }

  /**
   * A figure that must be the same as another's.
   *
   * @param contender who
   * @param peer as whom
   * @param scenario under which parameters
   * @param metric what
   * @return the term
   */
  public static Term same(String contender, String peer, String scenario, Metric metric) {
    return samples -> {
      OptionalDouble ours = samples.value(contender, scenario, metric);
      OptionalDouble theirs = samples.value(peer, scenario, metric);
      if (ours.isEmpty() || theirs.isEmpty()) {
        return NOT_MEASURED;
      }
      String measured =
          metric.print(ours.getAsDouble()) + " of " + metric.print(theirs.getAsDouble());
      return new Verdict(measured, ours.getAsDouble() == theirs.getAsDouble());
    };
  }

  /**
   * A bound decided by several figures.
   *
   * @param claim the bound in words
   * @param terms the figures
   * @return the reach
   */
  public static Reach of(String claim, Term... terms) {
    return new Reach(claim, List.of(terms));
  }

  /**
   * Judges all the terms.
   *
   * @param samples the figures of the group
   * @return what was measured, term by term, and whether every term keeps its bound
   */
  public Verdict judge(Samples samples) {
    List<String> measured = new ArrayList<>();
    boolean met = true;
    for (Term term : terms) {
      Verdict verdict = term.judge(samples);
      measured.add(verdict.measured());
      met &= verdict.met();
    }
    return new Verdict(String.join(" / ", measured), met);
  }
}
