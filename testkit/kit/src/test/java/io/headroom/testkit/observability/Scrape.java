package io.headroom.testkit.observability;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What Prometheus gets to see: the samples' names with their labels, and what kind they are of. */
final class Scrape {

  private static final Pattern TYPE = Pattern.compile("# TYPE (\\w+) (\\w+)");
  private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? [^ ]+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"\\\\]*)\",?");

  /** All samples of one name. */
  static final class Series {

    private final boolean counter;
    private final Map<String, Set<String>> labels = new TreeMap<>();

    private Series(boolean counter) {
      this.counter = counter;
    }

    /** Whether it only grows, so that its rate is of interest and its value is not. */
    boolean counter() {
      return counter;
    }

    Set<String> labels() {
      return labels.keySet();
    }

    Set<String> valuesOf(String label) {
      return labels.getOrDefault(label, Set.of());
    }
  }

  private final Map<String, Series> series = new TreeMap<>();

  static Scrape of(PrometheusMeterRegistry registry) {
    return parse(registry.scrape());
  }

  static Scrape parse(String text) {
    Scrape scrape = new Scrape();
    Map<String, String> types = new HashMap<>();
    for (String line : text.lines().toList()) {
      Matcher type = TYPE.matcher(line);
      Matcher sample = SAMPLE.matcher(line);
      if (type.matches()) {
        types.put(type.group(1), type.group(2));
      } else if (sample.matches()) {
        scrape.add(sample.group(1), sample.group(2), types);
      } else if (!line.startsWith("# HELP ") && !line.isBlank()) {
        throw new AssertionError(
            "a line of the scrape that is neither comment nor sample: " + line);
      }
    }
    return scrape;
  }

  private void add(String name, String labels, Map<String, String> types) {
    boolean partOfTimer = name.endsWith("_count") || name.endsWith("_sum");
    String family = partOfTimer ? name.substring(0, name.lastIndexOf('_')) : name;
    String type = types.getOrDefault(name, types.get(family));
    if (type == null) {
      throw new AssertionError("the scrape says no type of " + name);
    }
    Series those =
        series.computeIfAbsent(
            name, key -> new Series(type.equals("counter") || type.equals("summary")));
    int read = 0;
    Matcher label = LABEL.matcher(labels == null ? "" : labels);
    while (label.lookingAt()) {
      those.labels.computeIfAbsent(label.group(1), key -> new TreeSet<>()).add(label.group(2));
      read = label.end();
      label.region(read, labels.length());
    }
    if (labels != null && read != labels.length()) {
      throw new AssertionError("labels of " + name + " that were not understood: " + labels);
    }
  }

  Set<String> names() {
    return series.keySet();
  }

  /** Null for a name that is not there. */
  Series get(String name) {
    return series.get(name);
  }

  /** The names of one meter's samples, of which a timer has several. */
  List<String> namesOf(String conventional) {
    List<String> found = new ArrayList<>();
    for (String ending : List.of("", "_total", "_count", "_sum", "_max")) {
      if (series.containsKey(conventional + ending)) {
        found.add(conventional + ending);
      }
    }
    return found;
  }
}
