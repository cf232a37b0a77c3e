package io.headroom.testkit.house;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Java blocks of Markdown files, and the compiled regions that they must equal. */
final class Snippets {

  private static final Pattern MARKER = Pattern.compile("<!-- snippet: (\\S+) -->");
  private static final Pattern REGION_START = Pattern.compile("// snippet: (\\S+)");
  private static final String REGION_END = "// end snippet";

  /** Lines of a file, without their indentation. */
  record Region(String where, List<String> lines) {}

  private final Map<String, Region> regions = new TreeMap<>();

  /** Reads the regions of all Java files below a folder. */
  static Snippets compiledBelow(Path root) {
    Snippets snippets = new Snippets();
    for (Path file : filesBelow(root, ".java")) {
      snippets.addSource(root.relativize(file).toString(), linesOf(file));
    }
    return snippets;
  }

  /** The folder of the whole project: the highest one above with a pom.xml. */
  static Path projectRoot() {
    Path root = Path.of("").toAbsolutePath();
    for (Path folder = root; folder != null; folder = folder.getParent()) {
      if (Files.exists(folder.resolve("pom.xml"))) {
        root = folder;
      }
    }
    return root;
  }

  static List<Path> filesBelow(Path root, String ending) {
    Predicate<Path> ours =
        path -> {
          String below = "/" + root.relativize(path).toString().replace('\\', '/');
          return below.endsWith(ending) && !below.contains("/target/") && !below.contains("/.");
        };
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(ours).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<String> linesOf(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void addSource(String file, List<String> lines) {
    String name = null;
    int start = 0;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      Matcher marker = REGION_START.matcher(line);
      if (marker.matches()) {
        name = marker.group(1);
        start = i + 1;
      } else if (line.equals(REGION_END) && name != null) {
        Region region = new Region(file + ":" + (start + 1), stripped(lines.subList(start, i)));
        Region earlier = regions.put(name, region);
        if (earlier != null) {
          throw new AssertionError(
              "snippet %s is compiled twice: at %s and %s"
                  .formatted(name, earlier.where(), region.where()));
        }
        name = null;
      }
    }
    if (name != null) {
      throw new AssertionError(
          "snippet %s begins at %s:%d and has no '%s'".formatted(name, file, start, REGION_END));
    }
  }

  /** What is wrong with the Java blocks of a Markdown file; nothing, if all is well. */
  List<String> faultsOf(String file, List<String> lines) {
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).strip().equals("```java")) {
        int end = i + 1;
        while (end < lines.size() && !lines.get(end).strip().equals("```")) {
          end++;
        }
        Region block = new Region(file + ":" + (i + 2), stripped(lines.subList(i + 1, end)));
        Matcher marker = MARKER.matcher(i == 0 ? "" : lines.get(i - 1).strip());
        if (!marker.matches()) {
          faults.add(block.where() + ": put <!-- snippet: name --> on the line above this block");
        } else {
          faults.addAll(differences(marker.group(1), block));
        }
        i = end;
      }
    }
    return faults;
  }

  private List<String> differences(String name, Region block) {
    Region source = regions.get(name);
    if (source == null) {
      return List.of(
          "%s: no compiled file has '// snippet: %s'; there are %s"
              .formatted(block.where(), name, regions.keySet()));
    }
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < Math.max(block.lines().size(), source.lines().size()); i++) {
      String here = i < block.lines().size() ? block.lines().get(i) : "(nothing)";
      String there = i < source.lines().size() ? source.lines().get(i) : "(nothing)";
      if (!here.equals(there)) {
        faults.add(
            "%s: line %d of snippet %s is%n    %s%nbut compiled at %s it is%n    %s"
                .formatted(block.where(), i + 1, name, here, source.where(), there));
      }
    }
    return faults;
  }

  /** Without indentation, and without the blank line that the formatter puts before the end. */
  private static List<String> stripped(List<String> lines) {
    int end = lines.size();
    while (end > 0 && lines.get(end - 1).isBlank()) {
      end--;
    }
    return lines.subList(0, end).stream().map(String::strip).toList();
  }
}
