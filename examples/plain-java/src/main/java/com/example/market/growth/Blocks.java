package com.example.market.growth;

/** Parts of a page that a program writes: from {@code <!-- name -->} to {@code <!-- end -->}. */
final class Blocks {

  private static final String END = "<!-- end -->";

  private Blocks() {}

  /**
   * Replaces a part.
   *
   * @throws IllegalArgumentException if the page has no such part
   */
  static String replaced(String page, String name, String text) {
    int from = from(page, name);
    return page.substring(0, from) + text + page.substring(page.indexOf(END, from));
  }

  /**
   * Finds a part.
   *
   * @throws IllegalArgumentException if the page has no such part
   */
  static String in(String page, String name) {
    int from = from(page, name);
    return page.substring(from, page.indexOf(END, from));
  }

  private static int from(String page, String name) {
    String begin = "<!-- " + name + " -->\n";
    int at = page.indexOf(begin);
    if (at < 0 || page.indexOf(END, at) < 0) {
      throw new IllegalArgumentException(
          "the page has no part from '" + begin.strip() + "' to '" + END + "'");
    }
    return at + begin.length();
  }
}
