package io.headroom.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The page of all groups. Every section stands between two comments that name its group, so that a
 * run of one group replaces its own section and leaves the others, and any prose above them, as
 * they were.
 *
 * <p>Not thread-safe.
 */
public final class BenchmarkPage {
  private static final Pattern SECTION =
      Pattern.compile("<!-- bench:(\\w+) -->\n(.*?)<!-- /bench:\\1 -->\n*", Pattern.DOTALL);

  private final String preface;
  private final Map<String, String> sections = new HashMap<>();

  private BenchmarkPage(String text) {
    Matcher matcher = SECTION.matcher(text);
    int prefaceEnd = text.length();
    while (matcher.find()) {
      prefaceEnd = Math.min(prefaceEnd, matcher.start());
      sections.put(matcher.group(1), matcher.group(2));
    }
    preface = text.substring(0, prefaceEnd).strip();
  }

  /**
   * Parses a page.
   *
   * @param text the Markdown
   * @return the page
   */
  public static BenchmarkPage parse(String text) {
    return new BenchmarkPage(text);
  }

  /**
   * Reads a page from a file.
   *
   * @param file the page
   * @param preface what a new page begins with, if there is no file yet
   * @return the page
   * @throws IOException if the file cannot be read
   */
  public static BenchmarkPage read(Path file, String preface) throws IOException {
    try {
      return parse(Files.readString(file));
    } catch (NoSuchFileException e) {
      return parse(preface);
    }
  }

  /**
   * Replaces one group's section.
   *
   * @param group the group's name
   * @param section its Markdown
   */
  public void put(String group, String section) {
    sections.put(group, section);
  }

  /**
   * The whole page.
   *
   * @param order the groups; a section of any other is dropped
   * @return the Markdown
   */
  public String print(List<String> order) {
    StringBuilder text = new StringBuilder(preface).append('\n');
    for (String group : order) {
      String section = sections.get(group);
      if (section != null) {
        text.append("\n<!-- bench:%s -->\n".formatted(group))
            .append(section)
            .append("<!-- /bench:%s -->\n".formatted(group));
      }
    }
    return text.toString();
  }
}
