package io.headroom.testkit.house;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The tests that a page names for what it promises: {@code [SomeTest]}, {@code [SomeTest.method]},
 * or {@code [SomeTest (module).method]} where two modules have a test of the name.
 */
final class Guarantees {

  static final String COMMAND =
      "mvn test -pl testkit/kit -am -Dtest=GuaranteesPageTest -Dguarantees.write=true"
          + " -Dsurefire.failIfNoSpecifiedTests=false";

  private static final Pattern NAME =
      Pattern.compile(
          "\\[([A-Z]\\w*(?:Test|Tests|Properties))(?: \\(([\\w/-]+)\\))?(?:\\.(\\w+))?](?![(:])");

  /** A test's name where it is code, as the READMEs of modules have it. */
  private static final Pattern IN_README =
      Pattern.compile("`([A-Z]\\w*(?:Test|Tests|Properties))`");

  private static final Pattern METHOD = Pattern.compile("`([a-z]\\w*)(?:\\([^`]*\\))?`");

  private static final Pattern ANNOTATION =
      Pattern.compile("@(Test|Property|Example|TestFactory|ParameterizedTest|RepeatedTest)\\b");

  /** Behind the name of a test that takes minutes, and runs with the faults. */
  private static final String DAGGER = " †";

  private static final String FAULTS = "@Tag(\"faults\")";

  private static final Pattern DEFINITION = Pattern.compile("\\[[^]]+]: \\.\\./\\S+");

  private final Path root;
  private final Map<String, List<Path>> tests = new TreeMap<>();

  /**
   * Looks for tests in all modules but the examples, and in the contracts of the testkit.
   *
   * @param root the folder of the project
   */
  Guarantees(Path root) {
    this.root = root;
    for (Path file : Snippets.filesBelow(root, ".java")) {
      String path = pathOf(file);
      if (path.contains("src/test/java/") || path.startsWith("testkit/kit/src/main/")) {
        String type = file.getFileName().toString().replace(".java", "");
        if (!path.startsWith("examples/")) {
          tests.computeIfAbsent(type, key -> new ArrayList<>()).add(file);
        }
      }
    }
  }

  /** What is wrong with the tables of a page; nothing, if all is well. */
  List<String> faultsOf(List<String> page) {
    List<String> faults = new ArrayList<>();
    for (int i = 0; i < page.size(); i++) {
      String line = page.get(i);
      boolean head = i + 1 < page.size() && page.get(i + 1).startsWith("|---");
      if (line.startsWith("| ") && !head) {
        for (String fault : faultsOfRow(line)) {
          faults.add("line " + (i + 1) + ": " + fault);
        }
      }
    }
    return faults;
  }

  /** The names on a page of which there is no test, or more than one. */
  List<String> unknownOn(List<String> page) {
    List<String> faults = new ArrayList<>();
    Matcher name = NAME.matcher(String.join("\n", page));
    while (name.find()) {
      faultOf(name).ifPresent(faults::add);
    }
    return faults;
  }

  private List<String> faultsOfRow(String row) {
    String[] cells = row.substring(1, row.lastIndexOf('|')).split("\\|", -1);
    if (cells.length != 3) {
      return List.of("a row says what holds, what bounds it and what holds it: " + row);
    }
    List<String> faults = new ArrayList<>();
    for (String cell : cells) {
      if (cell.isBlank()) {
        faults.add("an empty cell: " + row);
      }
    }
    Matcher name = NAME.matcher(cells[2]);
    if (!name.find()) {
      faults.add("no test is named: " + row);
    }
    name.reset();
    while (name.find()) {
      faultOf(name)
          .or(() -> wrongDagger(name, cells[2].startsWith(DAGGER, name.end())))
          .ifPresent(faults::add);
    }
    if (row.replaceAll("]" + DAGGER, "").contains(DAGGER)) {
      faults.add("a † is behind the name of a test, and nowhere else: " + row);
    }
    return faults;
  }

  private Optional<String> wrongDagger(Matcher name, boolean isMarked) {
    if (isOfFaults(filesOf(name).get(0), name.group(3)) == isMarked) {
      return Optional.empty();
    }
    return Optional.of(
        name.group()
            + (isMarked ? ": † is for tests of the faults" : ": of the faults, without †"));
  }

  /** The test, or its class; where a class alone is named, only if all of it is. */
  private static boolean isOfFaults(Path file, @Nullable String method) {
    String source = String.join("\n", Snippets.linesOf(file));
    return source.contains("\n" + FAULTS)
        || (method != null && annotationsOf(source, method).anyMatch(at -> at.contains(FAULTS)));
  }

  private Optional<String> faultOf(Matcher name) {
    List<Path> found = filesOf(name);
    if (found.size() != 1) {
      return Optional.of(name.group() + " is in " + found.stream().map(this::pathOf).toList());
    }
    String method = name.group(3);
    if (method != null && !isTest(found.get(0), method)) {
      return Optional.of(name.group() + ": no test of that name is in its file");
    }
    return Optional.empty();
  }

  private List<Path> filesOf(Matcher name) {
    String module = name.group(2);
    return tests.getOrDefault(name.group(1), List.of()).stream()
        .filter(file -> module == null || pathOf(file).startsWith(module + "/src/"))
        .toList();
  }

  private static boolean isTest(Path file, String method) {
    return annotationsOf(String.join("\n", Snippets.linesOf(file)), method)
        .anyMatch(above -> ANNOTATION.matcher(above).find());
  }

  /** What stands above methods of that name, after the last blank line. */
  private static Stream<String> annotationsOf(String source, String method) {
    return Pattern.compile("\n +(?!return |new |throw )([\\w.<>?,\\[\\]]+ )+" + method + "\\(")
        .matcher(source)
        .results()
        .map(
            declared ->
                source.substring(
                    Math.max(0, source.lastIndexOf("\n\n", declared.start())), declared.start()));
  }

  /** The page with the links of all names that it has. */
  List<String> withDefinitions(List<String> page) {
    List<String> lines = new ArrayList<>(page);
    lines.removeIf(line -> DEFINITION.matcher(line).matches());
    while (lines.get(lines.size() - 1).isBlank()) {
      lines.remove(lines.size() - 1);
    }
    Set<String> definitions = new TreeSet<>();
    Matcher name = NAME.matcher(String.join("\n", lines));
    while (name.find()) {
      for (Path file : filesOf(name)) {
        definitions.add(name.group() + ": ../" + pathOf(file));
      }
    }
    lines.add("");
    lines.addAll(definitions);
    return lines;
  }

  /**
   * The names on a page that look like those of methods, of options above all, and are of none that
   * the modules have.
   *
   * @param foreign those of others
   */
  List<String> unknownMethods(List<String> page, Set<String> foreign) {
    Set<String> known = new TreeSet<>(foreign);
    for (Path api : Snippets.filesBelow(root, "/api.txt")) {
      Matcher method =
          Pattern.compile("(\\w+)\\(").matcher(String.join("\n", Snippets.linesOf(api)));
      while (method.find()) {
        known.add(method.group(1));
      }
    }
    List<String> unknown = new ArrayList<>();
    Matcher code = METHOD.matcher(String.join("\n", page));
    while (code.find()) {
      if (!known.contains(code.group(1))) {
        unknown.add(code.group(1));
      }
    }
    return unknown;
  }

  /** The tests that tables of other pages name and this page lacks. */
  List<String> missing(List<String> page, Collection<Path> others) {
    Set<String> here = new TreeSet<>();
    Matcher name = NAME.matcher(String.join("\n", page));
    while (name.find()) {
      here.add(name.group(1));
    }
    List<String> missing = new ArrayList<>();
    for (Path other : others) {
      for (String line : Snippets.linesOf(other)) {
        Matcher there = IN_README.matcher(line.startsWith("| ") ? line : "");
        while (there.find()) {
          if (!here.contains(there.group(1))) {
            missing.add(pathOf(other) + ": " + there.group(1));
          }
        }
      }
    }
    return missing;
  }

  private String pathOf(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }
}
