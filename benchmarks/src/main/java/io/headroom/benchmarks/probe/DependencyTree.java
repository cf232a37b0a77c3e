package io.headroom.benchmarks.probe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The verbose output of {@code mvn dependency:tree}: which artifacts an artifact brings along.
 *
 * <p>Maven prints the children of an artifact where it keeps it and marks it as omitted everywhere
 * else; joined by name, the lines are a graph again.
 */
public final class DependencyTree {
  private static final Pattern LINE =
      Pattern.compile("^([|\\\\+\\- ]*)\\(?([\\w.\\-]+:[\\w.\\-]+):jar:([^ )]+)(.*)$");
  private static final int INDENT = 3;

  private final Map<String, List<String>> children = new HashMap<>();
  private final Map<String, String> versions = new LinkedHashMap<>();

  private DependencyTree() {}

  /**
   * Reads the file that the plugin wrote.
   *
   * @param file the text
   * @return the tree
   * @throws IOException if it cannot be read
   */
  public static DependencyTree read(Path file) throws IOException {
    return parse(Files.readAllLines(file));
  }

  /**
   * Parses the plugin's lines.
   *
   * @param lines in text form, verbose
   * @return the tree
   */
  public static DependencyTree parse(List<String> lines) {
    DependencyTree tree = new DependencyTree();
    List<String> path = new ArrayList<>();
    for (String line : lines) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        continue;
      }
      int depth = matcher.group(1).replace("(", "").length() / INDENT;
      String name = matcher.group(2);
      List<String> coordinates = List.of(matcher.group(3).split(":", -1));
      boolean test = coordinates.get(coordinates.size() - 1).equals("test");
      path.subList(Math.min(depth, path.size()), path.size()).clear();
      path.add(name);
      if (test) {
        continue;
      }
      if (!matcher.group(4).contains("omitted")) {
        tree.versions.put(name, coordinates.get(0));
      }
      if (depth > 0) {
        String parent = path.get(depth - 1);
        tree.children.computeIfAbsent(parent, k -> new ArrayList<>()).add(name);
      }
    }
    return tree;
  }

  /**
   * All that comes with some artifacts.
   *
   * @param roots their names, {@code groupId:artifactId}
   * @return names of the roots and of all that they bring, in breadth-first order
   * @throws IllegalArgumentException if a root is not in the tree
   */
  public Set<String> closure(List<String> roots) {
    Set<String> closure = new LinkedHashSet<>();
    Deque<String> pending = new ArrayDeque<>(roots);
    while (!pending.isEmpty()) {
      String name = pending.remove();
      if (!versions.containsKey(name)) {
        throw new IllegalArgumentException(name + " is not in the dependency tree");
      }
      if (closure.add(name)) {
        pending.addAll(children.getOrDefault(name, List.of()));
      }
    }
    return closure;
  }

  /**
   * The file name of an artifact's jar.
   *
   * @param name {@code groupId:artifactId}, which is in the tree
   * @return {@code artifactId-version.jar}
   */
  public String jarName(String name) {
    return name.substring(name.indexOf(':') + 1) + "-" + versions.get(name) + ".jar";
  }
}
