package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Results.decimal;
import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.examples.quickstart.service.Entries;
import io.headroom.examples.quickstart.service.Limits;
import io.headroom.ratelimit.Limit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Whether the limits have kept their promises: the greedy address was admitted its burst and what
 * flowed in while it asked, no more, and hardly less; and nobody else was refused, whatever
 * happened to Redis.
 *
 * <p>Decisions that Redis did not make in time are the process's own, by its part of the limit, and
 * are judged by that; mostly there is none, as Redis is there while the address asks.
 */
final class LimitVerdict {

  private static final double LEAST_PERCENT_USED = 95;

  private static final Limit ITS_LIMIT = Limits.PER_ADDRESS;

  private final Greed.Found greed;
  private final List<Entries> others;

  /**
   * Judges.
   *
   * @param greed what came of the greedy address
   * @param others of all others, at each service
   */
  LimitVerdict(Greed.Found greed, List<Entries> others) {
    this.greed = greed;
    this.others = others;
  }

  /** How often the greedy address was admitted beyond what was promised. */
  long overAdmitted() {
    long over = Math.max(0, greed.all().admittedShared() - most(1));
    for (Entries each : greed.entries()) {
      over += Math.max(0, each.admittedAlone() - most(Limits.PROCESSES));
    }
    return over;
  }

  /**
   * How much of its limit the greedy address got while it was asking; what it got before and after
   * makes it no more than all. Whether that was too much is judged by the whole time.
   */
  double percentUsed() {
    double limit = ITS_LIMIT.capacity() + flowedIn(greed.askingMicros());
    return Math.min(100, 100 * greed.all().admitted() / limit);
  }

  /** What one of so many may admit: its part of the burst, and whole permits that flowed in. */
  private long most(int parts) {
    long periodMicros = TimeUnit.NANOSECONDS.toMicros(ITS_LIMIT.period().toNanos());
    return (ITS_LIMIT.capacity() * periodMicros + ITS_LIMIT.permits() * greed.micros())
        / (periodMicros * parts);
  }

  private double flowedIn() {
    return flowedIn(greed.micros());
  }

  private static double flowedIn(long micros) {
    return ITS_LIMIT.permits() * 1e3 * micros / ITS_LIMIT.period().toNanos();
  }

  private double seconds() {
    return greed.micros() / 1e6;
  }

  /** What was asked for, by what is allowed in the long run. */
  private double timesItsLimit() {
    return greed.all().asked() / flowedIn();
  }

  /** Whether it asked for more than it may have, and was told so: else nothing was tried. */
  private boolean isGreedy() {
    return greed.all().asked() > most(1) && greed.all().refused() > 0;
  }

  /** Whether it was admitted hardly less, by both services; it can only be if it keeps asking. */
  private boolean isUsedUp() {
    return percentUsed() >= LEAST_PERCENT_USED
        && greed.entries().stream().allMatch(each -> each.admitted() > 0);
  }

  /** How often others were refused. */
  long othersRefused() {
    return allOthers().refused();
  }

  private Entries allOthers() {
    return others.stream().reduce(Entries.NONE, Entries::plus);
  }

  void show(Screen screen) {
    List<List<String>> rows = new ArrayList<>();
    addRows(rows, "the greedy address", greed.entries(), greed.all());
    addRows(rows, "all others", others, allOthers());
    screen.table(
        List.of("requests", "asked", "admitted", "refused", "decided without Redis"), rows);
    screen.line(
        String.format(
            Locale.ROOT,
            "   the greedy address's limit is %s: in %.3f s of Redis's clock %d + %d × %.3f = %.2f",
            ITS_LIMIT,
            seconds(),
            ITS_LIMIT.capacity(),
            ITS_LIMIT.permits(),
            seconds(),
            ITS_LIMIT.capacity() + flowedIn()));
    greed.failures().forEach(failure -> screen.line("   greedy: %s".formatted(failure)));
  }

  private static void addRows(
      List<List<String>> rows, String who, List<Entries> byService, Entries both) {
    for (int i = 0; i < byService.size(); i++) {
      rows.add(row(String.format(Locale.ROOT, "%s, service-%d", who, i + 1), byService.get(i)));
    }
    rows.add(row(who + ", both", both));
  }

  private static List<String> row(String title, Entries entries) {
    return List.of(
        title,
        count(entries.asked()),
        count(entries.admitted()),
        count(entries.refused()),
        count(entries.alone()));
  }

  void judge(Results results) {
    results.gate(
        "100 requests/s per address, burst 50",
        "0 over",
        "%s over, at %s times its limit: %s of %s were admitted, at most %s allowed"
            .formatted(
                count(overAdmitted()),
                decimal(timesItsLimit(), 1),
                count(greed.all().admitted()),
                count(greed.all().asked()),
                count(most(1))),
        overAdmitted() == 0 && isGreedy());
    results.gate(
        "and hardly less",
        "95 %",
        "%s %% of its limit: %s"
            .formatted(
                decimal(percentUsed(), 1),
                greed.entries().stream()
                    .map(each -> count(each.admitted()))
                    .collect(Collectors.joining(" and "))),
        isUsedUp());
    results.check(
        "the greedy address was told something each time",
        greed.failures().isEmpty(),
        greed.failures().isEmpty() ? "it was" : greed.failures().get(0));
    results.check(
        "nobody else was refused, by either service",
        othersRefused() == 0 && others.stream().allMatch(each -> each.asked() > 0),
        "%s of %s, %s of which were decided without Redis"
            .formatted(
                count(othersRefused()), count(allOthers().asked()), count(allOthers().alone())));
    results.put("over_admitted", overAdmitted());
    results.put("limit_used", percentUsed(), 1, "%");
  }
}
