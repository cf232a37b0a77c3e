package io.headroom.testkit.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a query can have wrong is found, and what is right is let through. */
class PromQlTest {

  private static final Scrape SCRAPE =
      Scrape.parse(
          """
          # HELP level 0 to 3
          # TYPE level gauge
          level{pool="a"} 0.0
          # TYPE size gauge
          size{pool="a"} 3.0
          # TYPE free gauge
          free 1.0
          # TYPE asked_total counter
          asked_total{criticality="critical",pool="a"} 0.0
          asked_total{criticality="standard",pool="a"} 0.0
          # TYPE waits_seconds summary
          waits_seconds_count{pool="a"} 0
          waits_seconds_sum{pool="a"} 0.0
          """);

  private static Set<String> labels(String query) {
    return PromQl.labelsOf(query, SCRAPE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "level; instance,job,pool",
        "level{pool=\"mine\", job=~\"$job\"} offset 5m; instance,job,pool",
        "max by (pool) (level); pool",
        "max(level) by (pool,); pool",
        "sum(level) > 2; ``",
        "2 * -level; instance,job,pool",
        "sum by (job, pool) (rate(asked_total{criticality=~\"crit.*|standard\"}[5m])); job,pool",
        "rate(waits_seconds_sum[5m]) / rate(waits_seconds_count[5m]); instance,job,pool",
        "level / on (pool, job) size; job,pool",
        "level > on (job) group_left max by (job) (free); instance,job,pool",
        "level offset 1m == bool 3; instance,job,pool",
        "sum by (pool) (level) and sum by (pool) (size) > 3 unless on (pool) level == 3; pool",
        "max by (pool) (level) or max by (job) (level); job,pool",
        "topk(3, max by (pool) (max_over_time(level[1h30m]))); pool",
        "rate(asked_total[5m]) / ignoring (criticality) group_left level;"
            + " criticality,instance,job,pool",
        "{__name__=~\"lev.+\", job=~\"$job\"}; instance,job",
        "clamp_max(1 - 1.5e-3 / (level + 1), 1); instance,job,pool",
      })
  void whatIsRightHasLabels(String query, String expected) {
    assertThat(String.join(",", new TreeSet<>(labels(query)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "levle; there is no metric 'levle'",
        "sum(rate(asked[5m])); there is no metric 'asked'",
        "level{pol=\"a\"}; there is no label 'pol' here, but [instance, job, pool]",
        "sum by (criticality) (level); there is no label 'criticality' here",
        "sum by (pool) (free); there is no label 'pool' here",
        "rate(asked_total{criticality=\"urgent\"}[5m]); label 'criticality' is never 'urgent'",
        "rate(asked_total{criticality=~\"critical|urg.+\"}[5m]); is never 'urg.+'",
        "asked_total > 3; a counter's own value says nothing",
        "asked_total offset 1m == 1; a counter's own value says nothing",
        "sum(asked_total); a counter's own value says nothing",
        "rate(level[5m]); rate is not for gauges",
        "max_over_time(asked_total[5m]); max_over_time is not for counters",
        "rate(asked_total); rate needs a range",
        "level[5m]; a range is for functions over time only",
        "level / size{pool=\"a\"} / free; the sides of '/' never match",
        "max by (pool) (level) / size; the sides of '/' never match",
        "max by (pool) (level) / on (job) size; there is no label 'job' here",
        "level > on (job) group_left (node) max by (job) (free); there is no label 'node' here",
        "level > on (pool) 3; a number has no labels",
        "median(level); 'median' is no function that we use",
        "level size; 'size' is not expected here",
        "level{pool=\"a\"; expected ','",
        "(level; expected ')'",
        "level{pool>\"a\"}; '>' does not match labels",
        "rate(asked_total[5]); expected a DURATION, found '5'",
        "level @ 3; cannot be read from here on: @ 3",
        "{__name__=~\"lve.+\"}; series without a name",
        "{job=~\".+\"}; series without a name",
        "{__name__=~\"lev.+\", pool=~\"a\"}; there is no label 'pool' here",
        "topk(level, size); topk is to have one argument",
        "``; expected a NAME, found 'the end'",
      })
  void whatIsWrongIsNamed(String query, String fault) {
    assertThatThrownBy(() -> labels(query))
        .isInstanceOf(PromQlException.class)
        .hasMessageContaining(fault)
        .hasMessageEndingWith(query.strip());
  }

  @ParameterizedTest
  @ValueSource(strings = {"level{pool=\"a\"} 1 2 3", "a line", "level{pool=\"a} 1"})
  void aScrapeThatIsNotUnderstoodIsAnError(String line) {
    assertThatThrownBy(() -> Scrape.parse("# TYPE level gauge\n" + line + "\n"))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void theTypeOfASampleIsKnown() {
    assertThat(SCRAPE.get("asked_total").counter()).isTrue();
    assertThat(SCRAPE.get("waits_seconds_count").counter()).isTrue();
    assertThat(SCRAPE.get("level").counter()).isFalse();
    assertThat(SCRAPE.namesOf("waits_seconds"))
        .containsExactly("waits_seconds_count", "waits_seconds_sum");
    assertThat(SCRAPE.namesOf("asked")).containsExactly("asked_total");
    assertThatThrownBy(() -> Scrape.parse("level 1\n")).hasMessageContaining("no type of level");
  }
}
