package io.headroom.benchmarks.report;

/**
 * One measured figure.
 *
 * @param contender who was measured: ours or a peer
 * @param scenario under which parameters, empty if the group has none
 * @param metric what was counted
 * @param value the figure, in the metric's base unit
 * @param error half the width of its 99.9 % interval, NaN where none is known
 */
public record Sample(String contender, String scenario, Metric metric, double value, double error) {

  /**
   * A figure without an interval.
   *
   * @param contender who was measured
   * @param scenario under which parameters, empty if there are none
   * @param metric what was counted
   * @param value the figure
   * @return the sample
   */
  public static Sample of(String contender, String scenario, Metric metric, double value) {
    return new Sample(contender, scenario, metric, value, Double.NaN);
  }

  /**
   * The figure as a table cell.
   *
   * @return value, and interval where one is known and worth a digit
   */
  public String print() {
    boolean worthIt =
        switch (metric) {
          case TIME -> error >= 0.01 * value;
          case OVERHEAD, OVER_BARE -> error > 0;
          default -> false;
        };
    return worthIt ? metric.print(value) + " ± " + metric.printError(error) : metric.print(value);
  }
}
