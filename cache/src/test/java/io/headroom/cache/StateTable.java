package io.headroom.cache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The table of an entry's states, as the README has it. */
final class StateTable {

  private static final Pattern CELL = Pattern.compile("(·|[A-Z ]+?)(†?)(?: \\(([a-z ]+)\\))?");

  private StateTable() {}

  /**
   * One cell that can be.
   *
   * @param event what happens
   * @param from the state before
   * @param to the state after
   * @param tombstone whether there is one from now on, whatever was before
   * @param answer what is said to who did it; null if nothing
   */
  record Transition(
      String event, String from, String to, boolean tombstone, @Nullable String answer) {

    @Override
    public String toString() {
      return event + ": " + from + " → " + to + (tombstone ? "†" : "");
    }
  }

  static List<Transition> ofReadme() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("README.md"));
    int head = 0;
    while (!lines.get(head).startsWith("| event |")) {
      head++;
    }
    List<String> states = cells(lines.get(head));
    List<Transition> all = new ArrayList<>();
    for (int row = head + 2; lines.get(row).startsWith("|"); row++) {
      List<String> cells = cells(lines.get(row));
      for (int i = 1; i < states.size(); i++) {
        if (!cells.get(i).equals("–")) {
          all.add(transition(cells.get(0), states.get(i), cells.get(i)));
        }
      }
    }
    return all;
  }

  private static Transition transition(String event, String from, String cell) {
    Matcher parts = CELL.matcher(cell);
    if (!parts.matches()) {
      throw new IllegalStateException("'" + cell + "' in the row '" + event + "' is no cell");
    }
    String to = parts.group(1).equals("·") ? from : parts.group(1);
    return new Transition(event, from, to, !parts.group(2).isEmpty(), parts.group(3));
  }

  private static List<String> cells(String line) {
    return Arrays.stream(line.substring(1).split("\\|")).map(String::strip).toList();
  }
}
