package io.headroom.benchmarks.report;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * The figures of one group, in the order in which they were taken.
 *
 * @param all every sample
 */
public record Samples(List<Sample> all) {

  /**
   * Keeps the list as it is.
   *
   * @param all every sample
   */
  public Samples {
    all = List.copyOf(all);
  }

  /**
   * The scenarios, in order of first appearance.
   *
   * @return distinct names
   */
  public List<String> scenarios() {
    return distinct(Sample::scenario);
  }

  /**
   * The contenders, in order of first appearance.
   *
   * @return distinct names
   */
  public List<String> contenders() {
    return distinct(Sample::contender);
  }

  /**
   * The metrics, in order of first appearance.
   *
   * @return distinct metrics
   */
  public List<Metric> metrics() {
    return distinct(Sample::metric);
  }

  /**
   * Looks one figure up.
   *
   * @param contender who
   * @param scenario under which parameters
   * @param metric what
   * @return the sample, empty if it was not taken
   */
  public Optional<Sample> find(String contender, String scenario, Metric metric) {
    return all.stream()
        .filter(s -> s.contender().equals(contender))
        .filter(s -> s.scenario().equals(scenario))
        .filter(s -> s.metric() == metric)
        .findFirst();
  }

  /**
   * Looks one figure's value up.
   *
   * @param contender who
   * @param scenario under which parameters
   * @param metric what
   * @return the value, empty if it was not taken
   */
  public OptionalDouble value(String contender, String scenario, Metric metric) {
    return find(contender, scenario, metric).stream().mapToDouble(Sample::value).findFirst();
  }

  private <T> List<T> distinct(Function<Sample, T> part) {
    return all.stream().map(part).distinct().toList();
  }
}
