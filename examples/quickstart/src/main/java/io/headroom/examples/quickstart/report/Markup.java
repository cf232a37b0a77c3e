package io.headroom.examples.quickstart.report;

/**
 * Text that is on its way to the page: elements, which are well-formed XML too, and what people
 * wrote, which is escaped. Not thread-safe.
 */
final class Markup {

  private final StringBuilder text = new StringBuilder(1 << 16);

  /** Adds markup as it is, with each {@code {}} replaced by the next value, escaped. */
  Markup add(String markup, Object... values) {
    int from = 0;
    for (Object value : values) {
      int hole = markup.indexOf("{}", from);
      if (hole < 0) {
        throw new IllegalArgumentException("more values than holes in: " + markup);
      }
      text.append(markup, from, hole);
      text.append(value instanceof Double number ? Figures.plain(number) : escape(value));
      from = hole + 2;
    }
    text.append(markup, from, markup.length());
    return this;
  }

  /** Adds what another one holds, or a trusted text of our own. */
  Markup raw(CharSequence markup) {
    text.append(markup);
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  /** Also drops what XML forbids: control characters and halves of surrogate pairs. */
  static String escape(Object value) {
    String given = String.valueOf(value);
    StringBuilder safe = new StringBuilder(given.length() + 16);
    given
        .codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '&' -> safe.append("&amp;");
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(allowed(point) ? point : 0xFFFD);
              }
            });
    return safe.toString();
  }

  private static boolean allowed(int point) {
    boolean control = point < ' ' && point != '\t' && point != '\n' && point != '\r';
    boolean half = Character.MIN_SURROGATE <= point && point <= Character.MAX_SURROGATE;
    return !control && !half && point != 0xFFFE && point != 0xFFFF;
  }
}
