package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.report.NodeReads;
import io.headroom.examples.quickstart.service.Figures;
import io.headroom.examples.quickstart.service.Node;
import io.headroom.routing.RouteReason;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Which server was given work by the services, and why. */
final class Routes {

  private static final Set<RouteReason> READS_ON_A_REPLICA =
      Set.of(RouteReason.FRESH, RouteReason.WAITED, RouteReason.BACKUP, RouteReason.STALE);

  private final Map<String, Map<RouteReason, Long>> byNode = new TreeMap<>();

  /**
   * Adds up.
   *
   * @param before what each service had done before
   * @param after what it has done by now
   */
  Routes(List<Figures> before, List<Figures> after) {
    after.forEach(figures -> add(figures.routes(), 1));
    before.forEach(figures -> add(figures.routes(), -1));
  }

  private void add(Map<String, Map<String, Long>> routes, int sign) {
    routes.forEach(
        (node, counts) ->
            counts.forEach(
                (reason, times) ->
                    byNode
                        .computeIfAbsent(node, same -> new EnumMap<>(RouteReason.class))
                        .merge(RouteReason.valueOf(reason), sign * times, Long::sum)));
  }

  /** How many of a hundred reads ran on a replica. */
  double percentOnReplicas() {
    return 100.0 * sum(READS_ON_A_REPLICA) / reads();
  }

  long reads() {
    return sum(
        Set.of(RouteReason.values()).stream()
            .filter(reason -> reason != RouteReason.WRITE && reason != RouteReason.METADATA)
            .collect(Collectors.toSet()));
  }

  /** How many reads a primary took over, since none of its replicas could be reached. */
  long takenOverBy(String primary) {
    return byNode.getOrDefault(primary, Map.of()).getOrDefault(RouteReason.SPILLED_DOWN, 0L);
  }

  private long sum(Set<RouteReason> reasons) {
    return byNode.values().stream()
        .flatMap(counts -> counts.entrySet().stream())
        .filter(counted -> reasons.contains(counted.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  void show(Screen screen) {
    Set<RouteReason> reasons = new TreeSet<>();
    byNode.values().forEach(counts -> reasons.addAll(counts.keySet()));
    List<String> header = new ArrayList<>(List.of("server"));
    reasons.forEach(reason -> header.add(reason.name()));
    List<List<String>> rows = new ArrayList<>();
    byNode.forEach(
        (node, counted) -> {
          List<String> row = new ArrayList<>(List.of(node));
          reasons.forEach(reason -> row.add(Screen.count(counted.getOrDefault(reason, 0L))));
          rows.add(row);
        });
    screen.table(header, rows);
    screen.line(
        "   FRESH is a replica that has what its caller has seen; WAITED, one that got it soon;");
    screen.line(
        "   SPILLED, the primary, since no replica had it in time, or none could be reached");
  }

  /** For the report. */
  List<NodeReads> reads(List<Node> nodes) {
    return nodes.stream()
        .map(
            node -> {
              Map<String, Long> byReason = new TreeMap<>();
              byNode
                  .getOrDefault(node.name(), Map.of())
                  .forEach((reason, times) -> byReason.put(reason.name(), times));
              return new NodeReads(node.name(), node.shard(), byReason);
            })
        .toList();
  }
}
