package io.headroom.examples.quickstart.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The seconds of a run as shapes, in a box 1,000 wide, with gaps where nothing was measured. */
final class Trace {

  /** Seconds that are this many usual steps apart are not joined. */
  private static final double GAP = 2.5;

  private final TimeAxis axis;
  private final List<Second> seconds;
  private final double longest;

  Trace(List<Second> seconds, TimeAxis axis) {
    this.axis = axis;
    List<Second> sorted = new ArrayList<>(seconds);
    sorted.removeIf(second -> !Double.isFinite(second.at()));
    sorted.sort(Comparator.comparingDouble(Second::at));
    this.seconds = sorted;
    double[] steps = new double[Math.max(0, sorted.size() - 1)];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = sorted.get(i + 1).at() - sorted.get(i).at();
    }
    Arrays.sort(steps);
    this.longest = steps.length == 0 ? 1 : GAP * steps[steps.length / 2];
  }

  List<Second> seconds() {
    return seconds;
  }

  /** A line; a second without neighbours is a dash. */
  String path(ToDoubleFunction<Second> value, Scale scale, int height) {
    StringBuilder path = new StringBuilder();
    for (List<Second> run : runs(value)) {
      char step = 'M';
      for (Second second : run) {
        path.append(step).append(point(second, value, scale, height));
        step = 'L';
      }
      if (run.size() == 1) {
        path.append("h3h-6");
      }
    }
    return path.toString();
  }

  /** What lies between two lines, where both are known. */
  String area(
      ToDoubleFunction<Second> lower, ToDoubleFunction<Second> upper, Scale scale, int height) {
    StringBuilder path = new StringBuilder();
    ToDoubleFunction<Second> both = it -> lower.applyAsDouble(it) + upper.applyAsDouble(it);
    for (List<Second> run : runs(both)) {
      char step = 'M';
      for (Second second : run) {
        path.append(step).append(point(second, upper, scale, height));
        step = 'L';
      }
      for (int i = run.size() - 1; i >= 0; i--) {
        path.append('L').append(point(run.get(i), lower, scale, height));
      }
      path.append('Z');
    }
    return path.toString();
  }

  private List<List<Second>> runs(ToDoubleFunction<Second> value) {
    List<List<Second>> runs = new ArrayList<>();
    List<Second> run = new ArrayList<>();
    for (Second second : seconds) {
      boolean known = Double.isFinite(value.applyAsDouble(second));
      boolean far = !run.isEmpty() && second.at() - run.get(run.size() - 1).at() > longest;
      if ((!known || far) && !run.isEmpty()) {
        runs.add(run);
        run = new ArrayList<>();
      }
      if (known) {
        run.add(second);
      }
    }
    if (!run.isEmpty()) {
      runs.add(run);
    }
    return runs;
  }

  private String point(Second second, ToDoubleFunction<Second> value, Scale scale, int height) {
    double y = scale.down(value.applyAsDouble(second)) * height;
    return Figures.plain(10 * axis.percent(second.middle())) + "," + Figures.plain(y);
  }
}
