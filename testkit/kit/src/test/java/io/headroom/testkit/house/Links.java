package io.headroom.testkit.house;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The links of a Markdown file that lead into this project: to files, and to headings of files. */
final class Links {

  private static final Pattern INLINE = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern DEFINITION = Pattern.compile("^\\[[^]]+]: (\\S+)$");
  private static final Pattern HEADING = Pattern.compile("#{1,6} (.+)");

  private Links() {}

  /** What is wrong with the links of a file; nothing, if all is well. */
  static List<String> faultsOf(Path file) {
    List<String> faults = new ArrayList<>();
    for (String line : withoutCode(Snippets.linesOf(file))) {
      Matcher inline = INLINE.matcher(line.replaceAll("`[^`]*`", "``"));
      while (inline.find()) {
        faultOf(file, inline.group(1), faults);
      }
      Matcher definition = DEFINITION.matcher(line);
      if (definition.matches()) {
        faultOf(file, definition.group(1), faults);
      }
    }
    return faults;
  }

  private static void faultOf(Path file, String link, List<String> faults) {
    if (link.matches("[a-z]+:.*")) {
      if (!link.startsWith("https://") && !link.startsWith("mailto:")) {
        faults.add(link + ": not https");
      }
      return;
    }
    int hash = link.indexOf('#');
    String path =
        URLDecoder.decode(hash < 0 ? link : link.substring(0, hash), StandardCharsets.UTF_8);
    Path target = path.isEmpty() ? file : file.resolveSibling(path).normalize();
    if (!Files.exists(target)) {
      faults.add(link + ": there is no " + target);
    } else if (hash >= 0 && !anchorsOf(target).contains(link.substring(hash + 1))) {
      faults.add(link + ": no heading of that name, there are " + anchorsOf(target));
    }
  }

  /** What GitHub makes of the headings of a file. */
  static Set<String> anchorsOf(Path file) {
    Set<String> anchors = new HashSet<>();
    Map<String, Integer> times = new HashMap<>();
    for (String line : withoutCode(Snippets.linesOf(file))) {
      Matcher heading = HEADING.matcher(line);
      if (heading.matches()) {
        String anchor = anchorOf(heading.group(1));
        int before = times.merge(anchor, 1, Integer::sum) - 1;
        anchors.add(before == 0 ? anchor : anchor + "-" + before);
      }
    }
    return anchors;
  }

  static String anchorOf(String heading) {
    return heading
        .strip()
        .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{L}\\p{N} _-]", "")
        .replace(' ', '-');
  }

  private static List<String> withoutCode(List<String> lines) {
    List<String> kept = new ArrayList<>();
    boolean code = false;
    for (String line : lines) {
      if (line.strip().startsWith("```")) {
        code = !code;
      } else if (!code) {
        kept.add(line);
      }
    }
    return kept;
  }
}
