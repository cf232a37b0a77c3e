package io.headroom.testkit.observability;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Prometheus' alert rules, and what is wrong with them. */
final class AlertRules {

  private static final Pattern LABEL = Pattern.compile("\\$labels\\.(\\w+)");
  private static final Pattern TEMPLATE = Pattern.compile("\\{\\{(.*?)}}");
  private static final String IN_TEMPLATES =
      " *\\$(?:labels\\.\\w+|value(?: \\| (?:humanize|humanizeDuration|humanizePercentage))?) *";

  private final Scrape scrape;
  private final List<String> faults = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final Set<String> groups = new HashSet<>();

  private AlertRules(Scrape scrape) {
    this.scrape = scrape;
  }

  /** What a parser of YAML made of the file. */
  static AlertRules of(Object root, Scrape scrape) {
    AlertRules rules = new AlertRules(scrape);
    for (Object group : listIn(mapOf(root), "groups")) {
      String name = textIn(mapOf(group), "name");
      if (!rules.groups.add(name)) {
        rules.faults.add("there are two groups '" + name + "'");
      }
      for (Object rule : listIn(mapOf(group), "rules")) {
        rules.rule(mapOf(rule));
      }
    }
    return rules;
  }

  List<String> faults() {
    return faults;
  }

  List<String> names() {
    return names;
  }

  Set<String> groups() {
    return groups;
  }

  private void rule(Map<?, ?> rule) {
    String name = textIn(rule, "alert");
    if (!name.matches("Headroom[A-Z]\\w+") || names.contains(name)) {
      faults.add("'" + name + "' is no alert's name, or another's already");
    }
    names.add(name);
    if (!Set.of("alert", "expr", "for", "labels", "annotations").equals(rule.keySet())) {
      faults.add(name + " has " + rule.keySet());
    }
    if (!textIn(rule, "for").matches("[0-9]+[smh]")) {
      faults.add(name + " does not say for how long");
    }
    if (!Set.of("critical", "warning").contains(textIn(mapIn(rule, "labels"), "severity"))) {
      faults.add(name + " has no severity that we know");
    }
    Set<String> labels = null;
    try {
      labels = PromQl.labelsOf(textIn(rule, "expr"), scrape);
    } catch (PromQlException e) {
      faults.add(name + ": " + e.getMessage());
    }
    for (String text : List.of("summary", "description")) {
      annotation(name, textIn(mapIn(rule, "annotations"), text), labels);
    }
  }

  /** The labels are null if the query is at fault itself. */
  private void annotation(String name, String text, Set<String> labels) {
    if (text.isBlank()) {
      faults.add(name + " lacks a summary or a description");
    }
    Matcher label = LABEL.matcher(text);
    while (label.find()) {
      if (labels != null && !labels.contains(label.group(1))) {
        faults.add(name + " tells of a label that its query has not: " + label.group(1));
      }
    }
    Matcher template = TEMPLATE.matcher(text);
    while (template.find()) {
      if (!template.group(1).matches(IN_TEMPLATES)) {
        faults.add(name + " has a template that is not understood: " + template.group());
      }
    }
  }

  private static Map<?, ?> mapIn(Map<?, ?> of, String key) {
    return mapOf(of.get(key));
  }

  private static Map<?, ?> mapOf(Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static List<?> listIn(Map<?, ?> of, String key) {
    return of.get(key) instanceof List<?> list ? list : List.of();
  }

  private static String textIn(Map<?, ?> of, String key) {
    return of.get(key) instanceof String text ? text : "";
  }
}
