package io.headroom.benchmarks.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One group's part of the page: a heading, its table, and what of its reach is met.
 *
 * @param title the heading
 * @param text what is measured, in a paragraph
 * @param scenarioHeading heading of the scenario column, empty if the group has no scenarios
 * @param ours the contender whose time is 1 in the ratio column, empty for no such column
 * @param reaches the bounds
 */
public record Section(
    String title, String text, String scenarioHeading, String ours, List<Reach> reaches) {

  /**
   * Keeps the reaches as they are.
   *
   * @param title the heading
   * @param text what is measured
   * @param scenarioHeading heading of the scenario column, or empty
   * @param ours the contender whose time is 1
   * @param reaches the bounds
   */
  public Section {
    reaches = List.copyOf(reaches);
  }

  /**
   * Writes the section as Markdown.
   *
   * @param samples the figures
   * @param origin where they were taken
   * @return the section, ending in a line break
   */
  public String print(Samples samples, Origin origin) {
    List<String> lines = new ArrayList<>();
    lines.add("## " + title);
    lines.add("");
    lines.add(text);
    lines.add("");
    lines.add(origin.print());
    lines.add("");
    addFigures(lines, samples);
    if (!reaches.isEmpty()) {
      lines.add("");
      lines.add("| reach | measured | met |");
      lines.add("|---|---|---|");
      for (Reach reach : reaches) {
        Reach.Verdict verdict = reach.judge(samples);
        lines.add(row(List.of(reach.claim(), verdict.measured(), verdict.met() ? "yes" : "no")));
      }
    }
    return String.join("\n", lines) + "\n";
  }

  private void addFigures(List<String> lines, Samples samples) {
    List<String> heading = new ArrayList<>();
    if (!scenarioHeading.isEmpty()) {
      heading.add(scenarioHeading);
    }
    heading.add("who");
    samples.metrics().forEach(metric -> heading.add(metric.heading()));
    boolean compared =
        samples.metrics().contains(Metric.TIME) && samples.contenders().contains(ours);
    if (compared) {
      heading.add("time, ours = 1");
    }
    lines.add(row(heading));
    lines.add("|---".repeat(heading.size()) + "|");
    for (String scenario : samples.scenarios()) {
      for (String contender : samples.contenders()) {
        addRow(lines, samples, contender, scenario, compared);
      }
    }
  }

  private void addRow(
      List<String> lines, Samples samples, String contender, String scenario, boolean compared) {
    List<Optional<Sample>> figures =
        samples.metrics().stream()
            .map(metric -> samples.find(contender, scenario, metric))
            .toList();
    if (figures.stream().allMatch(Optional::isEmpty)) {
      return;
    }
    List<String> cells = new ArrayList<>();
    if (!scenarioHeading.isEmpty()) {
      cells.add(scenario);
    }
    cells.add(contender);
    figures.forEach(figure -> cells.add(figure.map(Sample::print).orElse("–")));
    if (compared) {
      cells.add(ratio(samples, contender, scenario));
    }
    lines.add(row(cells));
  }

  private String ratio(Samples samples, String contender, String scenario) {
    return samples
        .find(contender, scenario, Metric.TIME)
        .flatMap(
            theirs ->
                samples
                    .find(ours, scenario, Metric.TIME)
                    .map(base -> theirs.value() / base.value()))
        .map(ratio -> String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%.0f", ratio))
        .orElse("–");
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }
}
