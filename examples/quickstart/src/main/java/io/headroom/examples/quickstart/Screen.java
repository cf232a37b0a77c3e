package io.headroom.examples.quickstart;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What the person in front of the terminal sees: stages, one live progress line, tables.
 *
 * <p>On a terminal the progress line is redrawn in place; in a pipe or a CI log it is printed anew
 * every few seconds. Thread-safe.
 */
final class Screen {

  private static final int BAR = 28;

  private final PrintStream out;
  private final boolean live;
  private long nextProgressNanos;
  private int drawn;

  Screen(PrintStream out, boolean live) {
    this.out = out;
    this.live = live;
    this.nextProgressNanos = System.nanoTime();
  }

  static Screen onStandardOut() {
    return new Screen(System.out, isTerminal(Path.of("/proc/self/fd/1")));
  }

  /** Where the system does not say what standard out is, plain lines are right everywhere. */
  private static boolean isTerminal(Path standardOut) {
    try {
      String target = Files.readSymbolicLink(standardOut).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException unknown) {
      return false;
    }
  }

  synchronized void line(String text) {
    wipe();
    out.println(text);
    out.flush();
  }

  synchronized void stage(String title) {
    line("");
    line("== " + title);
  }

  /** Shows how far a stage is; drawn at most a few times a second, whoever calls how often. */
  synchronized void progress(String what, double share, String rate) {
    long now = System.nanoTime();
    if (now - nextProgressNanos < 0) {
      return;
    }
    nextProgressNanos = now + (live ? 200_000_000L : 3_000_000_000L);
    int full = (int) Math.round(BAR * Math.min(1, share));
    String text =
        String.format(
            Locale.ROOT,
            "   %-12s [%s%s] %3.0f %%  %s",
            what,
            "#".repeat(full),
            ".".repeat(BAR - full),
            share * 100,
            rate);
    if (live) {
      String padded = text + " ".repeat(Math.max(0, drawn - text.length()));
      out.print("\r" + padded);
      drawn = text.length();
    } else {
      out.println(text);
    }
    out.flush();
  }

  /** Prints rows under a header, numbers flush right. */
  void table(List<String> header, List<List<String>> rows) {
    table(header, rows, true);
  }

  /** Prints rows of texts under a header. */
  void texts(List<String> header, List<List<String>> rows) {
    table(header, rows, false);
  }

  private synchronized void table(
      List<String> header, List<List<String>> rows, boolean flushRight) {
    List<List<String>> all = new ArrayList<>();
    all.add(header);
    all.addAll(rows);
    int[] widths = new int[header.size()];
    for (List<String> row : all) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : all) {
      StringBuilder text = new StringBuilder("  ");
      for (int i = 0; i < widths.length; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        boolean right = flushRight && i > 0;
        text.append(' ').append(right ? pad + row.get(i) : row.get(i) + pad).append(' ');
      }
      line(text.toString().stripTrailing());
    }
  }

  /** A count with thousands separators, the same on every machine. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** A text without its line breaks: PostgreSQL's messages have some, and the last line is one. */
  static String oneLine(String text) {
    return text.lines().map(String::strip).collect(Collectors.joining(" "));
  }

  private void wipe() {
    if (drawn > 0) {
      out.print("\r" + " ".repeat(drawn) + "\r");
      drawn = 0;
    }
  }
}
