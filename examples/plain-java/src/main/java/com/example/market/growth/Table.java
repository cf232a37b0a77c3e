package com.example.market.growth;

import java.util.ArrayList;
import java.util.List;

/**
 * What two stages made of one load.
 *
 * @param name what the page calls it
 * @param load what came
 * @param header of the columns
 * @param rows one for each stage
 * @param failures what failed meanwhile, a line for each stage and kind of request
 * @param broken what the later stage is for, and did not buy; empty if all holds
 */
record Table(
    String name,
    String load,
    List<String> header,
    List<List<String>> rows,
    List<String> failures,
    List<String> broken) {

  /** Lines of text, numbers flush right. */
  List<String> lines() {
    List<List<String>> all = new ArrayList<>();
    all.add(header);
    all.addAll(rows);
    int[] widths = new int[header.size()];
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : all) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? row.get(i) + pad : "  " + pad + row.get(i));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** As docs/growth.md shows it. */
  String markdown() {
    List<String> lines = new ArrayList<>();
    lines.add(load);
    lines.add("");
    lines.add(row(header));
    lines.add("|---" + "|--:".repeat(header.size() - 1) + "|");
    rows.forEach(each -> lines.add(row(each)));
    return String.join("\n", lines) + "\n";
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |";
  }
}
