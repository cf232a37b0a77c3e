package io.headroom.testkit.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** The dashboard and the alerts of examples/observability ask for nothing that is not there. */
class DashboardAndAlertsTest {

  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(1).replicas(1);

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static final String FOLDER = "examples/observability/";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static EveryMeter all;
  private static Scrape scrape;
  private static String dashboard;
  private static String alerts;

  @BeforeAll
  static void scrape() throws IOException {
    all = EveryMeter.on(postgres, redis.get());
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.throwExceptionOnRegistrationFailure();
    all.bindTo(registry);
    scrape = Scrape.of(registry);
    dashboard = Files.readString(Documents.inProject(FOLDER + "headroom-dashboard.json"));
    alerts = Files.readString(Documents.inProject(FOLDER + "headroom-alerts.yml"));
  }

  @AfterAll
  static void close() {
    all.close();
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return JSON.readTree(text);
  }

  private static AlertRules rules(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    return AlertRules.of(new Yaml(new SafeConstructor(options)).load(text), scrape);
  }

  @Test
  void theDashboardAsksForWhatIsThere() throws IOException {
    JsonNode root = json(dashboard);
    assertThat(Dashboard.faultsOf(root, scrape)).isEmpty();
    assertThat(Dashboard.rowsOf(root))
        .containsExactly("Limits", "Guard", "Cache", "Routing", "Sharding");
    assertThat(root.path("schemaVersion").asInt()).as("Grafana 11.6").isEqualTo(41);
  }

  @Test
  void theAlertsAskForWhatIsThere() {
    AlertRules rules = rules(alerts);
    assertThat(rules.faults()).isEmpty();
    assertThat(rules.groups())
        .containsExactlyInAnyOrder(
            "headroom-limits",
            "headroom-guard",
            "headroom-cache",
            "headroom-routing",
            "headroom-sharding");
  }

  /** Whoever is woken by an alert finds it in the README, and no other. */
  @Test
  void theReadmeListsTheAlerts() throws IOException {
    String readme = Files.readString(Documents.inProject(FOLDER + "README.md"));
    List<String> listed =
        readme
            .lines()
            .filter(line -> line.startsWith("| `Headroom"))
            .map(line -> line.substring(3, line.indexOf('`', 3)))
            .toList();
    assertThat(listed).containsExactlyElementsOf(rules(alerts).names());
  }

  /** No meter is there that nobody would ever see. */
  @Test
  void everyMeterIsOnTheDashboard() throws IOException {
    String asked = String.join("\n", Dashboard.queriesOf(json(dashboard), scrape));
    List<String> unseen =
        scrape.names().stream()
            .filter(name -> !asked.matches("(?s).*\\b" + name + "\\b.*"))
            .collect(Collectors.toList());
    assertThat(unseen).isEmpty();
  }

  @Test
  void anUnknownNameInTheDashboardIsFound() throws IOException {
    for (String name : List.of("headroom_guard_level", "headroom_ratelimit_decisions_total")) {
      assertThat(Dashboard.faultsOf(json(dashboard.replace(name, name + "s")), scrape))
          .isNotEmpty()
          .allMatch(fault -> fault.contains("there is no metric '" + name + "s'"));
    }
    assertThat(Dashboard.faultsOf(json(dashboard.replace("by (pool)", "by (poll)")), scrape))
        .anyMatch(fault -> fault.contains("there is no label 'poll'"));
    assertThat(Dashboard.faultsOf(json(dashboard.replace("{{pool}}", "{{poll}}")), scrape))
        .isNotEmpty()
        .allMatch(fault -> fault.endsWith("in its legend that is not there: poll"));
  }

  @Test
  void aPanelThatLacksSomethingIsFound() throws IOException {
    JsonNode lacking =
        json(
            """
            {"templating": {"list": [{"name": "job", "type": "query",
              "query": {"query": "label_values(headroom_guard_size, cluster)"}}]},
             "panels": [
              {"id": 1, "type": "row", "title": "r", "gridPos": {"x": 0, "y": 0, "w": 24, "h": 1}},
              {"id": 1, "type": "stat", "title": "p", "gridPos": {"x": 23, "y": 0, "w": 2, "h": 1},
               "targets": [{"expr": "max(headroom_guard_size{job=~\\"$jobs\\"})"}]},
              {"id": 2, "type": "stat", "gridPos": {"x": 0, "y": 1, "w": 1, "h": 1}}]}
            """);
    assertThat(Dashboard.faultsOf(lacking, scrape))
        .containsExactly(
            "variable job: there is no label cluster",
            "panel 'p' has no id of its own",
            "panel 'p' is not within the grid",
            "panel 'p' lies over another",
            "panel 'p' has no description",
            "panel 'p' has no unit",
            "panel 'p' does not ask the data source that was chosen",
            "panel 'p' does not ask the data source that was chosen",
            "panel 'p' uses a variable that is not there: jobs",
            "panel 'p' does not ask for the jobs and instances that were chosen:"
                + " max(headroom_guard_size{job=~\"$jobs\"})",
            "panel '' has no title",
            "panel '' has no description",
            "panel '' has no unit",
            "panel '' does not ask the data source that was chosen",
            "panel '' asks nothing");
  }

  @Test
  void anUnknownNameInTheAlertsIsFound() {
    assertThat(
            rules(alerts.replace("headroom_routing_writable", "headroom_routing_primary")).faults())
        .singleElement()
        .asString()
        .contains("HeadroomNoPrimary", "there is no metric 'headroom_routing_primary'");
    assertThat(rules(alerts.replace("$labels.cluster", "$labels.cloister")).faults())
        .isNotEmpty()
        .allMatch(fault -> fault.endsWith("a label that its query has not: cloister"));
  }

  @Test
  void aRuleThatLacksSomethingIsFound() {
    String lacking =
        """
        groups:
          - name: one
            rules:
              - alert: Loud
                expr: headroom_guard_level == 3
                for: long
                labels: {severity: hot}
                annotations: {summary: "{{ $value | print }}"}
              - alert: Loud
                expr: headroom_guard_level == 3
                for: 5m
                labels: {severity: critical}
                annotations: {summary: "{{ $labels.pool }}", description: do}
                keep: 1
          - name: one
        """;
    assertThat(rules(lacking).faults())
        .containsExactly(
            "'Loud' is no alert's name, or another's already",
            "Loud does not say for how long",
            "Loud has no severity that we know",
            "Loud has a template that is not understood: {{ $value | print }}",
            "Loud lacks a summary or a description",
            "'Loud' is no alert's name, or another's already",
            "Loud has [alert, expr, for, labels, annotations, keep]",
            "there are two groups 'one'");
  }

  @Test
  void whatDoesNotParseIsAnError() {
    assertThatThrownBy(() -> json(dashboard + "}")).isInstanceOf(JsonProcessingException.class);
    assertThatThrownBy(() -> json("{\"a\": 1, \"a\": 2}"))
        .isInstanceOf(JsonProcessingException.class);
    assertThatThrownBy(() -> rules("groups:\n  - a: 1\n    a: 2\n"))
        .isInstanceOf(YAMLException.class);
  }
}
