package io.headroom.examples.quickstart.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * The marks of a run: a line through every chart, with a number above the main ones, and a legend
 * of all numbers. Numbers that would overlap are put in lanes, for a wide page and for a narrow
 * one.
 */
final class Marks {

  /** So far apart are numbers in one lane, in percent of the width. */
  private static final double WIDE_GAP = 2.9;

  private static final double NARROW_GAP = 7.2;

  /** A number for which there is no lane is left out above the chart; its line and text stay. */
  private static final int MOST_LANES = 6;

  private final TimeAxis axis;
  private final List<Mark> marks;
  private final int[] wide;
  private final int[] narrow;

  Marks(List<Mark> marks, TimeAxis axis) {
    this.axis = axis;
    List<Mark> sorted = new ArrayList<>(marks);
    sorted.removeIf(mark -> !Double.isFinite(mark.at()));
    sorted.sort(Comparator.comparingDouble(Mark::at));
    this.marks = sorted;
    this.wide = lanes(WIDE_GAP);
    this.narrow = lanes(NARROW_GAP);
  }

  /** The style by which a chart leaves room above it. */
  String room() {
    return "--wide:" + used(wide) + ";--narrow:" + used(narrow);
  }

  void lines(Markup page) {
    for (Mark mark : marks) {
      double x = axis.percent(mark.at());
      page.add("<line class='mark' x1='{}%' x2='{}%' y1='0' y2='100%'/>", x, x);
    }
  }

  /** First all stems, so that none crosses a number. */
  void numbers(Markup page) {
    for (int i = 0; i < marks.size(); i++) {
      double x = axis.percent(marks.get(i).at());
      page.add("<g class='lane' style='{}'>", style(i));
      page.add("<line class='mark' x1='{}%' x2='{}%' y1='-12'", x, x);
      page.add(" y2='{}'/></g>", 19 * Math.min(MOST_LANES, Math.max(wide[i], narrow[i])));
    }
    for (int i = 0; i < marks.size(); i++) {
      double x = axis.percent(marks.get(i).at());
      page.add("<g class='lane badge' style='{}'><circle cx='{}%' cy='-12' r='8.5'/>", style(i), x);
      page.add("<text x='{}%' y='-12' dy='.36em' class='{}'>", x, i < 9 ? "" : "long");
      page.add("{}</text></g>", i + 1);
    }
  }

  void legend(Markup page) {
    if (marks.isEmpty()) {
      return;
    }
    page.add("<ol class='marks' aria-label='The numbers in the charts'>");
    for (int i = 0; i < marks.size(); i++) {
      Mark mark = marks.get(i);
      page.add("<li><b>{}</b><time>{}</time>", i + 1, Figures.seconds(mark.at()));
      page.add("<span>{}</span></li>", mark.text());
    }
    page.add("</ol>");
  }

  private String style(int i) {
    return style("w", wide[i]) + ";" + style("n", narrow[i]);
  }

  private static String style(String width, int lane) {
    return lane < MOST_LANES
        ? "--" + width + ":" + lane
        : "--" + width + ":0;--" + width + "-seen:hidden";
  }

  private static int used(int... lanes) {
    return Math.min(MOST_LANES, Arrays.stream(lanes).max().orElse(-1) + 1);
  }

  private int[] lanes(double gap) {
    int[] lanes = new int[marks.size()];
    List<Double> ends = new ArrayList<>();
    for (int i = 0; i < lanes.length; i++) {
      double x = axis.percent(marks.get(i).at());
      int lane = 0;
      while (lane < ends.size() && x - ends.get(lane) < gap) {
        lane++;
      }
      if (lane < ends.size()) {
        ends.set(lane, x);
      } else {
        ends.add(x);
      }
      lanes[i] = lane;
    }
    return lanes;
  }
}
