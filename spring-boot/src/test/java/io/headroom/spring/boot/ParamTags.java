package io.headroom.spring.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the Javadoc of a record says of its components. */
final class ParamTags {

  private final Path sources;

  /**
   * Reads from a source folder.
   *
   * @param sources the one with the packages
   */
  ParamTags(Path sources) {
    this.sources = sources;
  }

  /** The text of a component's {@code @param} on one line; empty if there is none. */
  String of(Class<?> type, String component) {
    Class<?> outermost = type;
    while (outermost.getEnclosingClass() != null) {
      outermost = outermost.getEnclosingClass();
    }
    return in(source(outermost), type.getSimpleName(), component);
  }

  static String in(String source, String type, String component) {
    Matcher declared = Pattern.compile("record " + type + "\\b").matcher(source);
    if (!declared.find()) {
      return "";
    }
    int start = source.lastIndexOf("/**", declared.start());
    int end = source.lastIndexOf("*/", declared.start());
    if (start < 0 || end < start) {
      return "";
    }
    String comment = source.substring(start, end).replaceAll("\\s*\\n\\s*\\*?\\s*", " ");
    Matcher tag =
        Pattern.compile("@param " + component + " (.*?)\\s*(?=@param |$)").matcher(comment);
    return tag.find() ? tag.group(1).replaceAll("\\{@\\w+ ([^}]*)}", "`$1`") : "";
  }

  private String source(Class<?> type) {
    try {
      return Files.readString(sources.resolve(type.getName().replace('.', '/') + ".java"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
