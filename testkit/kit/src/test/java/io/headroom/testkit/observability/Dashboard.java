package io.headroom.testkit.observability;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Grafana dashboard, and what is wrong with it. */
final class Dashboard {

  private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), *(\\w+)\\)");
  private static final Pattern LEGEND = Pattern.compile("\\{\\{ *(\\w+) *}}");
  private static final int WIDTH = 24;

  private final JsonNode root;
  private final Scrape scrape;
  private final List<String> faults = new ArrayList<>();
  private final List<String> queries = new ArrayList<>();
  private final Set<String> variables = new TreeSet<>(Set.of("__rate_interval", "__range"));

  private Dashboard(JsonNode root, Scrape scrape) {
    this.root = root;
    this.scrape = scrape;
  }

  static List<String> faultsOf(JsonNode root, Scrape scrape) {
    Dashboard dashboard = new Dashboard(root, scrape);
    dashboard.look();
    return dashboard.faults;
  }

  static List<String> queriesOf(JsonNode root, Scrape scrape) {
    Dashboard dashboard = new Dashboard(root, scrape);
    dashboard.look();
    return dashboard.queries;
  }

  static List<String> rowsOf(JsonNode root) {
    List<String> rows = new ArrayList<>();
    for (JsonNode panel : root.path("panels")) {
      if (panel.path("type").asText().equals("row")) {
        rows.add(panel.path("title").asText());
      }
    }
    return rows;
  }

  private void look() {
    for (JsonNode variable : root.path("templating").path("list")) {
      variable(variable);
    }
    Set<Integer> ids = new HashSet<>();
    Set<Integer> places = new HashSet<>();
    for (JsonNode panel : root.path("panels")) {
      if (!panel.path("id").isInt() || !ids.add(panel.path("id").asInt())) {
        fault(panel, "has no id of its own");
      }
      place(panel, places);
      if (!panel.path("type").asText().equals("row")) {
        panel(panel);
      }
    }
  }

  private void fault(JsonNode panel, String what) {
    faults.add("panel '" + panel.path("title").asText() + "' " + what);
  }

  private void variable(JsonNode variable) {
    String name = variable.path("name").asText();
    variables.add(name);
    if (variable.path("type").asText().equals("query")) {
      String query = variable.path("query").path("query").asText();
      Matcher values = LABEL_VALUES.matcher(query);
      if (!values.matches()) {
        faults.add("variable " + name + " is not asked for by label_values: " + query);
      } else {
        Set<String> labels = labelsOf("variable " + name, values.group(1));
        if (labels != null && !labels.contains(values.group(2))) {
          faults.add("variable " + name + ": there is no label " + values.group(2));
        }
      }
    }
  }

  private void place(JsonNode panel, Set<Integer> places) {
    JsonNode at = panel.path("gridPos");
    int left = at.path("x").asInt();
    int right = left + at.path("w").asInt();
    if (at.path("w").asInt() < 1 || at.path("h").asInt() < 1 || right > WIDTH) {
      fault(panel, "is not within the grid");
    }
    for (int y = at.path("y").asInt(); y < at.path("y").asInt() + at.path("h").asInt(); y++) {
      for (int x = left; x < right; x++) {
        if (!places.add(y * WIDTH + x)) {
          fault(panel, "lies over another");
          return;
        }
      }
    }
  }

  private void panel(JsonNode panel) {
    for (String text : List.of("title", "description")) {
      if (panel.path(text).asText().isBlank()) {
        fault(panel, "has no " + text);
      }
    }
    if (panel.path("fieldConfig").path("defaults").path("unit").asText().isBlank()) {
      fault(panel, "has no unit");
    }
    source(panel, panel);
    if (panel.path("targets").isEmpty()) {
      fault(panel, "asks nothing");
    }
    for (JsonNode target : panel.path("targets")) {
      source(panel, target);
      target(panel, target);
    }
  }

  private void source(JsonNode panel, JsonNode of) {
    if (!of.path("datasource").path("uid").asText().equals("${datasource}")) {
      fault(panel, "does not ask the data source that was chosen");
    }
  }

  private void target(JsonNode panel, JsonNode target) {
    String query = target.path("expr").asText();
    Set<String> labels = labelsOf("panel '" + panel.path("title").asText() + "'", query);
    Matcher legend = LEGEND.matcher(target.path("legendFormat").asText());
    while (legend.find()) {
      if (labels != null && !labels.contains(legend.group(1))) {
        fault(panel, "names a label in its legend that is not there: " + legend.group(1));
      }
    }
    if (!query.contains("job=~\"$job\"") || !query.contains("instance=~\"$instance\"")) {
      fault(panel, "does not ask for the jobs and instances that were chosen: " + query);
    }
  }

  /** Null if the query is at fault itself. */
  private Set<String> labelsOf(String where, String query) {
    queries.add(query);
    Matcher used = Pattern.compile("\\$\\{?(\\w+)}?").matcher(query);
    while (used.find()) {
      if (!variables.contains(used.group(1))) {
        faults.add(where + " uses a variable that is not there: " + used.group(1));
      }
    }
    try {
      return PromQl.labelsOf(query.replaceAll("\\[\\$__(rate_interval|range)]", "[5m]"), scrape);
    } catch (PromQlException e) {
      faults.add(where + ": " + e.getMessage());
      return null;
    }
  }
}
