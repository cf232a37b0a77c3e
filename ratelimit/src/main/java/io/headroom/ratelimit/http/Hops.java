package io.headroom.ratelimit.http;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a header with a list, over all its lines, from the last to the first.
 *
 * <p>Read from the right, so that a quote which somebody on the left opened and never closed cannot
 * swallow what the proxies on the right wrote. Not thread-safe.
 */
final class Hops {

  private final List<String> lines;
  private final boolean quotes;
  private int line;

  /** Of the line's part that is still to be read; -1 if there is none. */
  private int end = -1;

  /**
   * Begins at the right.
   *
   * @param lines the header's values in their order
   * @param quotes whether commas in quotes don't separate
   */
  Hops(List<String> lines, boolean quotes) {
    this.lines = lines;
    this.quotes = quotes;
    this.line = lines.size();
  }

  /** The element before, without white space around it; null if there is none. */
  @Nullable String previous() {
    if (end < 0) {
      if (line == 0) {
        return null;
      }
      line--;
      end = lines.get(line).length();
    }
    String text = lines.get(line);
    int comma = commaBefore(text, end);
    String element = text.substring(comma + 1, end).strip();
    end = comma;
    return element;
  }

  private int commaBefore(String text, int to) {
    boolean quoted = false;
    for (int i = to - 1; i >= 0; i--) {
      char c = text.charAt(i);
      if (c == ',' && !quoted) {
        return i;
      }
      if (quotes && c == '"' && !isEscaped(text, i)) {
        quoted = !quoted;
      }
    }
    return -1;
  }

  private static boolean isEscaped(String text, int at) {
    int first = at;
    while (first > 0 && text.charAt(first - 1) == '\\') {
      first--;
    }
    return (at - first) % 2 != 0;
  }
}
