package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.report.Claim;
import io.headroom.examples.quickstart.report.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What has come out: checks, which say whether the run is good; claims, as the table and the report
 * show them; and what the last line says, in its order, though a run may stop early. For one
 * thread.
 */
final class Results {

  private static final List<String> KEYS =
      List.of(
          "users",
          "concurrent",
          "shards",
          "misplaced",
          "errors",
          "error_rate",
          "per_s",
          "p50_ms",
          "p95_ms",
          "p99_ms",
          "p95_faults_ms",
          "p95_holds_at",
          "worst_share",
          "seconds",
          "stale_reads",
          "lost_writes",
          "failover_gap_ms",
          "replica_reads",
          "l1_hit",
          "l2_hit",
          "invalidation_p99_ms",
          "stale_after_invalidate",
          "over_admitted",
          "limit_used",
          "goodput_10x",
          "bare_goodput_10x",
          "recover_ms");

  private final List<Check> checks = new ArrayList<>();
  private final List<Check> besides = new ArrayList<>();
  private final List<Claim> claims = new ArrayList<>();
  private final Map<String, String> values = new LinkedHashMap<>();

  Results() {
    KEYS.forEach(key -> values.put(key, "unknown"));
  }

  void check(String claim, boolean holds, String found) {
    check(List.of(new Check(claim, holds, found)));
  }

  /** What the run fails without, and no claim tells of. */
  void check(List<Check> more) {
    checks.addAll(more);
    besides.addAll(more);
  }

  /** A claim that holds if all of its checks do, which the run fails without. */
  void gate(String claim, String seed, String measured, List<Check> itsChecks) {
    boolean holds = itsChecks.stream().allMatch(Check::holds);
    claims.add(new Claim(claim, seed, measured, verdict(holds), true));
    checks.addAll(itsChecks);
  }

  /** A claim that the run fails without, which is its own check. */
  void gate(String claim, String seed, String measured, boolean holds) {
    gate(claim, seed, measured, List.of(new Check(claim, holds, measured)));
  }

  /** A claim that is judged, and no more: the machine may be too small for it. */
  void judge(String claim, String seed, String measured, boolean holds) {
    claims.add(new Claim(claim, seed, measured, verdict(holds), false));
  }

  private static Verdict verdict(boolean holds) {
    return holds ? Verdict.HOLDS : Verdict.MISSED;
  }

  void put(String key, long value) {
    put(key, Long.toString(value));
  }

  void put(String key, double value, int places, String unit) {
    put(key, decimal(value, places) + unit);
  }

  private void put(String key, String value) {
    if (values.replace(key, value) == null) {
      throw new IllegalArgumentException("the last line has no " + key);
    }
  }

  List<Check> checks() {
    return checks;
  }

  List<Claim> claims() {
    return claims;
  }

  /** What fails the run, and no claim tells of. */
  List<Check> failuresBesides() {
    return besides.stream().filter(check -> !check.holds()).toList();
  }

  boolean areGood() {
    return !checks.isEmpty() && checks.stream().allMatch(Check::holds);
  }

  /** The pairs of the last line. */
  String line() {
    return values.entrySet().stream()
        .map(each -> each.getKey() + "=" + each.getValue())
        .collect(Collectors.joining(" "));
  }

  /** The claims, as the terminal shows them. */
  void show(Screen screen) {
    screen.texts(
        List.of("claim", "seed's figure", "measured here", "verdict"),
        claims.stream()
            .map(claim -> List.of(claim.claim(), claim.seed(), claim.measured(), verdict(claim)))
            .toList());
  }

  private static String verdict(Claim claim) {
    return claim.verdict().name().toLowerCase(Locale.ROOT) + (claim.gates() ? ", decides" : "");
  }

  /** The same on every machine. */
  static String decimal(double value, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", value);
  }
}
