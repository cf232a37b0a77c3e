package io.headroom.sharding;

import java.util.function.IntConsumer;

/** Sets of slots as text: {@code 0-4,7,9-12}. */
final class SlotRanges {

  private SlotRanges() {}

  /** Writes slots that come in ascending order. Not thread-safe. */
  static final class Writer {

    private final StringBuilder out = new StringBuilder();
    private int first = -1;
    private int last = -1;

    void add(int slot) {
      if (first >= 0 && slot == last + 1) {
        last = slot;
        return;
      }
      flush();
      first = slot;
      last = slot;
    }

    private void flush() {
      if (first < 0) {
        return;
      }
      if (out.length() > 0) {
        out.append(',');
      }
      out.append(first);
      if (last > first) {
        out.append('-').append(last);
      }
    }

    @Override
    public String toString() {
      flush();
      first = -1;
      return out.toString();
    }
  }

  /**
   * Reads slots, ascending and each once.
   *
   * @throws IllegalArgumentException saying what is wrong at which character
   */
  static void read(String text, IntConsumer slots) {
    int at = 0;
    int previous = -1;
    while (at < text.length()) {
      int end = endOfDigits(text, at);
      int first = number(text, at, end);
      int last = first;
      at = end;
      if (at < text.length() && text.charAt(at) == '-') {
        end = endOfDigits(text, at + 1);
        last = number(text, at + 1, end);
        at = end;
      }
      if (first <= previous || last < first) {
        throw new IllegalArgumentException(
            "slots are not ascending at character " + at + ", near " + first);
      }
      // Counted so that a range up to the largest int ends.
      for (long slot = first; slot <= last; slot++) {
        slots.accept((int) slot);
      }
      previous = last;
      if (at < text.length()) {
        if (text.charAt(at) != ',' || ++at == text.length()) {
          throw new IllegalArgumentException("expected ',' and a slot at character " + at);
        }
      }
    }
  }

  private static int endOfDigits(String text, int start) {
    int at = start;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private static int number(String text, int start, int end) {
    if (start == end
        || end - start > 10
        || Long.parseLong(text, start, end, 10) > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("expected a slot's number at character " + start);
    }
    return Integer.parseInt(text, start, end, 10);
  }
}
