package io.headroom.testkit.observability;

import io.headroom.testkit.observability.PromQlTokens.Kind;
import io.headroom.testkit.observability.PromQlTokens.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads a PromQL query, as far as our dashboard and alerts use the language, and follows which
 * labels there are at each place: what it asks for must be in a scrape. It knows fewer functions
 * than Prometheus does, on purpose: what it does not know is an error.
 */
final class PromQl {

  /** Labels that Prometheus gives to whatever it scrapes. */
  private static final Set<String> OF_TARGETS = Set.of("job", "instance");

  private static final Set<String> AGGREGATIONS =
      Set.of("sum", "min", "max", "avg", "count", "topk", "bottomk");
  private static final Set<String> OF_COUNTERS = Set.of("rate", "increase");
  private static final Set<String> OF_RANGES =
      Set.of("min_over_time", "max_over_time", "avg_over_time", "changes");
  private static final Set<String> OF_INSTANTS = Set.of("clamp_min", "clamp_max", "abs");
  private static final Map<String, Integer> BINDING =
      Map.ofEntries(
          Map.entry("or", 1),
          Map.entry("and", 2),
          Map.entry("unless", 2),
          Map.entry("==", 3),
          Map.entry("!=", 3),
          Map.entry(">", 3),
          Map.entry("<", 3),
          Map.entry(">=", 3),
          Map.entry("<=", 3),
          Map.entry("+", 4),
          Map.entry("-", 4),
          Map.entry("*", 5),
          Map.entry("/", 5),
          Map.entry("%", 5));

  /** Part of a query: a number, or series with labels, at an instant or over a range. */
  private record Part(boolean number, Set<String> labels, boolean range, boolean counter) {

    static final Part NUMBER = new Part(true, Set.of(), false, false);

    static Part instant(Set<String> labels) {
      return new Part(false, labels, false, false);
    }
  }

  private final String query;
  private final Scrape scrape;
  private final PromQlTokens tokens;

  private PromQl(String query, Scrape scrape) {
    this.query = query;
    this.scrape = scrape;
    this.tokens = new PromQlTokens(query);
  }

  /**
   * Which labels a query's answer has.
   *
   * @throws PromQlException if it asks for what is not in the scrape
   */
  static Set<String> labelsOf(String query, Scrape scrape) {
    PromQl parser = new PromQl(query, scrape);
    Part whole = parser.instant(parser.binary(1));
    if (parser.tokens.peek().kind() != Kind.END) {
      throw parser.fault("'" + parser.tokens.peek().text() + "' is not expected here");
    }
    return whole.labels();
  }

  private PromQlException fault(String what) {
    return new PromQlException(query, what);
  }

  private Part binary(int weakest) {
    Part left = unary();
    Integer binding = BINDING.get(tokens.peek().text());
    while (binding != null && tokens.peek().kind() != Kind.STRING && binding >= weakest) {
      left = operation(left, tokens.take().text(), binding);
      binding = BINDING.get(tokens.peek().text());
    }
    return left;
  }

  private Part operation(Part left, String operator, int binding) {
    instant(left);
    tokens.taken("bool");
    Set<String> on = labelsAfter("on");
    Set<String> ignoring = labelsAfter("ignoring");
    Set<String> fromRight = tokens.taken("group_left") ? optionalLabels() : null;
    Part right = instant(binary(binding + 1));
    if (left.number() || right.number()) {
      if (on != null || ignoring != null) {
        throw fault("a number has no labels to match on");
      }
      return left.number() ? right : left;
    }
    Set<String> leftKey = key(left.labels(), on, ignoring);
    Set<String> rightKey = key(right.labels(), on, ignoring);
    if (!leftKey.equals(rightKey) && !operator.equals("or")) {
      throw fault("the sides of '" + operator + "' never match: " + leftKey + " and " + rightKey);
    }
    return Part.instant(result(operator, left, right, leftKey, fromRight));
  }

  private Set<String> result(
      String operator, Part left, Part right, Set<String> key, Set<String> fromRight) {
    Set<String> result =
        new TreeSet<>(
            binding(operator) == BINDING.get("and") || fromRight != null ? left.labels() : key);
    if (operator.equals("or")) {
      result.addAll(left.labels());
      result.addAll(right.labels());
    }
    if (fromRight != null) {
      requireAll(fromRight, right.labels());
      result.addAll(fromRight);
    }
    return result;
  }

  private static int binding(String operator) {
    return BINDING.getOrDefault(operator, 0);
  }

  private Set<String> key(Set<String> labels, Set<String> on, Set<String> ignoring) {
    if (on != null) {
      requireAll(on, labels);
      return on;
    }
    Set<String> key = new TreeSet<>(labels);
    if (ignoring != null) {
      key.removeAll(ignoring);
    }
    return key;
  }

  private void requireAll(Set<String> asked, Set<String> there) {
    for (String label : asked) {
      if (!there.contains(label)) {
        throw fault("there is no label '" + label + "' here, but " + there);
      }
    }
  }

  /** Null if the word is not there. */
  private Set<String> labelsAfter(String word) {
    return tokens.taken(word) ? labelList() : null;
  }

  private Set<String> optionalLabels() {
    return tokens.peek().is("(") ? labelList() : Set.of();
  }

  private Set<String> labelList() {
    Set<String> labels = new TreeSet<>();
    tokens.expect("(");
    while (!tokens.taken(")")) {
      labels.add(tokens.expect(Kind.NAME));
      if (!tokens.peek().is(")")) {
        tokens.expect(",");
      }
    }
    return labels;
  }

  private Part unary() {
    if (tokens.taken("-")) {
      return instant(unary());
    }
    Token token = tokens.peek();
    if (token.kind() == Kind.NUMBER) {
      tokens.take();
      return Part.NUMBER;
    }
    if (tokens.taken("(")) {
      Part inner = binary(1);
      tokens.expect(")");
      return inner;
    }
    if (token.kind() == Kind.NAME && AGGREGATIONS.contains(token.text())) {
      return aggregation(tokens.take().text());
    }
    if (token.kind() == Kind.NAME && tokens.peek(1).is("(")) {
      return function(tokens.take().text());
    }
    return selector();
  }

  private Part aggregation(String name) {
    Set<String> by = labelsAfter("by");
    Part argument = instant(argumentOf(name));
    if (by == null) {
      by = labelsAfter("by");
    }
    if (by != null) {
      requireAll(by, argument.labels());
    }
    if (name.endsWith("k")) {
      return argument;
    }
    return Part.instant(by == null ? Set.of() : by);
  }

  private Part function(String name) {
    Part argument = argumentOf(name);
    if (OF_INSTANTS.contains(name)) {
      return instant(argument);
    }
    if (!OF_COUNTERS.contains(name) && !OF_RANGES.contains(name)) {
      throw fault("'" + name + "' is no function that we use");
    }
    if (!argument.range()) {
      throw fault(name + " needs a range");
    }
    if (OF_COUNTERS.contains(name) != argument.counter()) {
      throw fault(name + " is not for " + (argument.counter() ? "counters" : "gauges"));
    }
    return Part.instant(argument.labels());
  }

  /** The one argument that is no number. */
  private Part argumentOf(String name) {
    List<Part> arguments = new ArrayList<>();
    tokens.expect("(");
    do {
      Part argument = binary(1);
      if (!argument.number()) {
        arguments.add(argument);
      }
    } while (tokens.taken(","));
    tokens.expect(")");
    if (arguments.size() != 1) {
      throw fault(name + " is to have one argument that is no number");
    }
    return arguments.get(0);
  }

  private Part instant(Part part) {
    if (part.range()) {
      throw fault("a range is for functions over time only");
    }
    if (part.counter()) {
      throw fault("a counter's own value says nothing: use rate or increase");
    }
    return part;
  }

  private Part selector() {
    if (tokens.taken("{")) {
      return nameless();
    }
    String name = tokens.expect(Kind.NAME);
    Scrape.Series series = scrape.get(name);
    if (series == null) {
      throw fault("there is no metric '" + name + "'");
    }
    Set<String> labels = new TreeSet<>(series.labels());
    labels.addAll(OF_TARGETS);
    if (tokens.taken("{")) {
      while (!tokens.taken("}")) {
        matcher(series, labels);
        if (!tokens.peek().is("}")) {
          tokens.expect(",");
        }
      }
    }
    boolean range = tokens.taken("[");
    if (range) {
      tokens.expect(Kind.DURATION);
      tokens.expect("]");
    }
    if (tokens.taken("offset")) {
      tokens.expect(Kind.DURATION);
    }
    return new Part(false, labels, range, series.counter());
  }

  /** Series of many names, of which only the labels that all have are known. */
  private Part nameless() {
    boolean named = false;
    while (!tokens.taken("}")) {
      String label = tokens.expect(Kind.NAME);
      tokens.expect("=~");
      String wanted = tokens.expect(Kind.STRING);
      if (label.equals("__name__")) {
        named = scrape.names().stream().anyMatch(name -> name.matches(wanted));
      } else {
        requireAll(Set.of(label), OF_TARGETS);
      }
      if (!tokens.peek().is("}")) {
        tokens.expect(",");
      }
    }
    if (!named) {
      throw fault("series without a name are to be of some __name__ that is there");
    }
    return Part.instant(OF_TARGETS);
  }

  private void matcher(Scrape.Series series, Set<String> labels) {
    String label = tokens.expect(Kind.NAME);
    requireAll(Set.of(label), labels);
    String operator = tokens.take().text();
    if (!Set.of("=", "!=", "=~", "!~").contains(operator)) {
      throw fault("'" + operator + "' does not match labels");
    }
    String wanted = tokens.expect(Kind.STRING);
    if (OF_TARGETS.contains(label) || EveryMeter.OWNERS.contains(label) || wanted.contains("$")) {
      return; // the user's names
    }
    for (String each : operator.endsWith("~") ? wanted.split("\\|") : new String[] {wanted}) {
      if (series.valuesOf(label).stream()
          .noneMatch(value -> operator.endsWith("~") ? value.matches(each) : value.equals(each))) {
        throw fault("label '" + label + "' is never '" + each + "', but " + series.valuesOf(label));
      }
    }
  }
}
