package io.headroom.testkit.observability;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tag;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The page that lists all meters, made from the meters themselves. */
final class MetersPage {

  private static final String HEAD =
      """
      # Meters

      Every meter of every module, for whoever operates a service. A module's binder (`RateLimitMetrics`, `GuardMetrics`, `CacheMetrics`, `RoutingMetrics`, `ShardingMetrics`) binds them to a Micrometer registry;
      nothing else is needed. [examples/observability](../examples/observability/README.md) has a dashboard and alerts over them.

      This page is generated from the registered meters and from `testkit/kit/src/test/resources/meters-advice.tsv`, and a test compares them. To write it anew:

      ```
      %s
      ```

      The first column is the name in Micrometer, and below it what Prometheus gets. A tag with values in brackets has just these; the others are names that you gave: none has a key, a user or a tenant. Counters count from the start of the process. Units: without one, it is a number of what the meaning says.

      | name | kind | base unit | tags | meaning | when it moves |
      |---|---|---|---|---|---|
      """;

  static final String COMMAND =
      "mvn test -pl testkit/kit -am -Dtest=MetersPageTest -Dmeters.write=true"
          + " -Dsurefire.failIfNoSpecifiedTests=false";

  /** All meters of one name. */
  private static final class Row {

    private final Set<String> kinds = new TreeSet<>();
    private final Set<String> units = new TreeSet<>();
    private final Set<String> meanings = new TreeSet<>();
    private final Set<List<String>> tagKeys =
        new TreeSet<>((a, b) -> a.toString().compareTo(b.toString()));
    private final Map<String, Set<String>> tags = new LinkedHashMap<>();
    private List<String> exposed = List.of();

    private void add(Meter.Id id, PrometheusMeterRegistry registry, Scrape scrape) {
      boolean timer = id.getType() == Meter.Type.TIMER;
      String unit = timer ? "seconds" : id.getBaseUnit();
      kinds.add(id.getType().name().toLowerCase(Locale.ROOT));
      units.add(unit == null ? "" : unit);
      meanings.add(id.getDescription() == null ? "" : id.getDescription());
      tagKeys.add(id.getTags().stream().map(Tag::getKey).toList());
      for (Tag tag : id.getTags()) {
        tags.computeIfAbsent(tag.getKey(), key -> new TreeSet<>()).add(tag.getValue());
      }
      exposed = scrape.namesOf(id.getConventionName(registry.config().namingConvention()));
    }
  }

  private final Map<String, Row> rows = new TreeMap<>();
  private final Map<String, String> advice;

  MetersPage(PrometheusMeterRegistry registry, Map<String, String> advice) {
    this.advice = advice;
    Scrape scrape = Scrape.of(registry);
    for (Meter meter : registry.getMeters()) {
      rows.computeIfAbsent(meter.getId().getName(), name -> new Row())
          .add(meter.getId(), registry, scrape);
    }
  }

  /** The lines of a file: a name, a tab, and what to do; those that begin with # are comments. */
  static Map<String, String> adviceIn(List<String> lines) {
    Map<String, String> advice = new TreeMap<>();
    for (String line : lines) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] parts = line.split("\t", -1);
        if (parts.length != 2) {
          throw new AssertionError("a line of advice has a name, one tab and a text: " + line);
        }
        String earlier = advice.put(parts[0], parts[1].strip());
        if (earlier != null) {
          throw new AssertionError("there is advice on " + parts[0] + " twice");
        }
      }
    }
    return advice;
  }

  Set<String> names() {
    return rows.keySet();
  }

  /** What keeps the page from being written: what the meters, or the advice, lack. */
  List<String> faults() {
    List<String> faults = new ArrayList<>();
    rows.forEach((name, row) -> faultsOf(name, row, faults));
    for (String name : advice.keySet()) {
      if (!rows.containsKey(name)) {
        faults.add(name + ": there is advice on it, and no such meter");
      }
    }
    return faults;
  }

  private void faultsOf(String name, Row row, List<String> faults) {
    if (!name.matches("headroom\\.(cache|guard|ratelimit|routing|sharding)(\\.[a-z]+)+")) {
      faults.add(name + ": meters are called headroom.<module>.<noun>");
    }
    if (row.kinds.size() > 1 || row.units.size() > 1 || row.tagKeys.size() > 1) {
      faults.add(
          name
              + ": all of a name have one kind, unit and set of tags, and it has "
              + row.kinds
              + row.units
              + row.tagKeys);
    }
    if (row.meanings.size() > 1) {
      faults.add(name + ": all of a name have one description, and it has " + row.meanings);
    }
    if (row.meanings.contains("")) {
      faults.add(name + ": it has no description");
    }
    if (advice.getOrDefault(name, "").isEmpty()) {
      faults.add(name + ": meters-advice.tsv does not say what to do when it moves");
    }
    if (row.exposed.isEmpty()) {
      faults.add(name + ": Prometheus does not get to see it");
    }
  }

  String markdown() {
    StringBuilder page = new StringBuilder(HEAD.formatted(COMMAND));
    rows.forEach(
        (name, row) ->
            page.append("| `")
                .append(name)
                .append("`<br>")
                .append(row.exposed.stream().map(MetersPage::code).collect(Collectors.joining(" ")))
                .append(" | ")
                .append(only(row.kinds))
                .append(" | ")
                .append(only(row.units))
                .append(" | ")
                .append(tags(row))
                .append(" | ")
                .append(only(row.meanings))
                .append(" | ")
                .append(advice.get(name))
                .append(" |\n"));
    return page.toString();
  }

  private static String only(Set<String> values) {
    return String.join(", ", values);
  }

  private static String tags(Row row) {
    return row.tags.entrySet().stream()
        .map(
            tag ->
                EveryMeter.OWNERS.contains(tag.getKey())
                    ? code(tag.getKey())
                    : code(tag.getKey()) + " (" + only(tag.getValue()) + ")")
        .collect(Collectors.joining(", "));
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  /** Where two versions of the page differ, line by line, each named by the meter that it is on. */
  static List<String> differences(String expected, String actual) {
    Map<String, String> wanted = linesOf(expected);
    Map<String, String> found = linesOf(actual);
    List<String> differences = new ArrayList<>();
    wanted.forEach(
        (key, line) -> {
          if (!found.containsKey(key)) {
            differences.add("missing: " + line);
          } else if (!line.equals(found.get(key))) {
            differences.add("is:      " + found.get(key) + "\nshould be: " + line);
          }
        });
    found.forEach(
        (key, line) -> {
          if (!wanted.containsKey(key)) {
            differences.add("unknown: " + line);
          }
        });
    if (differences.isEmpty() && !expected.equals(actual)) {
      differences.add("the order of lines, or blank ones, differ");
    }
    return differences;
  }

  private static Map<String, String> linesOf(String page) {
    Map<String, String> lines = new LinkedHashMap<>();
    for (String line : page.lines().toList()) {
      String key = line.startsWith("| `") ? line.substring(0, line.indexOf('`', 3)) : line;
      lines.put(key, line);
    }
    return lines;
  }
}
