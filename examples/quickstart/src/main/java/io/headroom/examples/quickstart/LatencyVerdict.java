package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Results.decimal;
import static io.headroom.examples.quickstart.Screen.count;

import java.util.ArrayList;
import java.util.List;

/**
 * How many users there were, how long they waited, and how many in vain. On a machine that is too
 * small for the rate, latencies are shown as they are, with the rate at which they hold. Of errors
 * less than one in a thousand is claimed, and none is demanded.
 */
final class LatencyVerdict {

  private static final double MOST_MILLIS = 200;

  private final Options options;
  private final Seconds seconds;
  private final Visits visits;

  LatencyVerdict(Options options, Seconds seconds, Visits visits) {
    this.options = options;
    this.seconds = seconds;
    this.visits = visits;
  }

  void show(Screen screen) {
    List<List<String>> rows = new ArrayList<>();
    for (Seconds.Phase phase : seconds.phases()) {
      rows.add(
          List.of(
              phase.title(),
              count(phase.count()),
              count(Math.round(phase.perSecond())),
              decimal(phase.millis(50), 2),
              decimal(phase.millis(95), 2),
              decimal(phase.millis(99), 2)));
    }
    screen.table(List.of("phase", "answers", "per s", "p50 ms", "p95 ms", "p99 ms"), rows);
    for (Kind kind : Kind.values()) {
      screen.line("   %8s × %s".formatted(count(visits.answered(kind)), kind.title));
    }
    visits.firstErrors().forEach(error -> screen.line("   error: %s".formatted(error)));
  }

  void judge(Results results) {
    List<Seconds.Phase> phases = seconds.phases();
    Seconds.Phase calm = phases.get(phases.size() - 1);
    Seconds.Phase faults = phases.get(phases.size() - 2);
    results.judge(
        "concurrent users",
        "10,000",
        "%s, each with a request every %s s: %s/s, %s/s answered"
            .formatted(
                count(options.concurrent()),
                decimal(options.thinking().toMillis() / 1e3, 1),
                count(options.rate()),
                count(Math.round(calm.perSecond()))),
        options.concurrent() >= 10_000 && calm.perSecond() >= 0.95 * options.rate());
    boolean holds = calm.millis(95) < MOST_MILLIS;
    results.judge(
        "p95 when all is calm",
        "< 200 ms",
        "%s ms%s".formatted(decimal(calm.millis(95), 1), holds ? "" : "; " + holdsAt()),
        holds);
    results.judge(
        "the same while servers fail",
        "< 200 ms",
        "%s ms".formatted(decimal(faults.millis(95), 1)),
        faults.millis(95) < MOST_MILLIS);
    long errors = seconds.errors();
    long all = seconds.answers() + errors;
    double percent = all == 0 ? 0 : 100.0 * errors / all;
    results.gate(
        "error rate",
        "< 0.1 %",
        "%s %%: %s of %s, %s of them wrong; %s were told to come back, and did"
            .formatted(
                decimal(percent, 3),
                count(errors),
                count(all),
                count(visits.wrong()),
                count(seconds.refused())),
        errors == 0 && visits.haveEveryKind());
    results.put("errors", errors);
    results.put("error_rate", percent, 3, "%");
    results.put("per_s", Math.round(calm.perSecond()));
    results.put("p50_ms", calm.millis(50), 2, "");
    results.put("p95_ms", calm.millis(95), 2, "");
    results.put("p99_ms", calm.millis(99), 2, "");
    results.put("p95_faults_ms", faults.millis(95), 2, "");
    results.put("p95_holds_at", highestRate());
  }

  private String holdsAt() {
    long rate = highestRate();
    return rate == 0 ? "at no rate that was tried" : "at %s/s it holds".formatted(count(rate));
  }

  /** Of the rates that were there without failing servers, the highest at which the p95 held. */
  private long highestRate() {
    List<Seconds.Phase> phases = new ArrayList<>(seconds.phases());
    phases.remove(phases.size() - 2);
    return phases.stream()
        .filter(phase -> phase.millis(95) < MOST_MILLIS)
        .mapToLong(phase -> Math.round(phase.perSecond()))
        .max()
        .orElse(0);
  }
}
