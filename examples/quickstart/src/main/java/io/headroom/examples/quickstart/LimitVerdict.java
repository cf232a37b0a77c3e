package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.examples.quickstart.service.Limits;
import io.headroom.ratelimit.Limit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Whether the limits have kept their promises: the greedy address was admitted its burst and what
 * flowed in while it asked, no more, and hardly less; and nobody else was refused, whatever
 * happened to Redis.
 *
 * <p>Decisions that Redis did not make in time are the process's own, by its part of the limit, and
 * may come on top of that; mostly there is none, as Redis is there while the address asks.
 */
final class LimitVerdict {

  private static final double LEAST_PERCENT_USED = 95;

  private static final Limit ITS_LIMIT = Limits.PER_ADDRESS;

  private final Greed.Found greed;
  private final long others;
  private final long othersRefused;

  /**
   * Judges.
   *
   * @param greed what came of the greedy address
   * @param others how often all others asked
   * @param othersRefused how often they were told that this was too much
   */
  LimitVerdict(Greed.Found greed, long others, long othersRefused) {
    this.greed = greed;
    this.others = others;
    this.othersRefused = othersRefused;
  }

  /** How often the greedy address was admitted beyond what was promised. */
  long overAdmitted() {
    long without =
        greed.alone().stream().mapToLong(alone -> Math.min(alone, most(Limits.PROCESSES))).sum();
    return Math.max(0, greed.allAdmitted() - without - most(1));
  }

  /** How much of its limit the greedy address got. */
  double percentUsed() {
    return 100 * greed.allAdmitted() / (ITS_LIMIT.capacity() + flowedIn());
  }

  /** What one of so many may admit: its part of the burst, and whole permits that flowed in. */
  private long most(int parts) {
    long periodMicros = TimeUnit.NANOSECONDS.toMicros(ITS_LIMIT.period().toNanos());
    return (ITS_LIMIT.capacity() * periodMicros + ITS_LIMIT.permits() * greed.micros())
        / (periodMicros * parts);
  }

  private double flowedIn() {
    return ITS_LIMIT.permits() * seconds() / (ITS_LIMIT.period().toNanos() / 1e9);
  }

  private double seconds() {
    return greed.micros() / 1e6;
  }

  /** What was asked for, by what is allowed in the long run. */
  double timesItsLimit() {
    return greed.allAsked() / flowedIn();
  }

  /** Whether it asked for more than it may have: on a busy machine it may not get to that. */
  boolean isGreedy() {
    return greed.allAsked() > most(1);
  }

  /** For the table of claims. */
  String measured() {
    return "%s over: %s of %s were admitted, at most %s allowed"
        .formatted(
            count(overAdmitted()),
            count(greed.allAdmitted()),
            count(greed.allAsked()),
            count(most(1)));
  }

  /** Whether it was admitted hardly less, by both services; it can only be if it keeps asking. */
  boolean isUsedUp() {
    return percentUsed() >= LEAST_PERCENT_USED
        && greed.admitted().stream().allMatch(admitted -> admitted > 0);
  }

  /** How often it asked. */
  String asked() {
    return count(greed.allAsked());
  }

  void show(Screen screen) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < greed.asked().size(); i++) {
      rows.add(
          row(
              String.format(Locale.ROOT, "the greedy address, service-%d", i + 1),
              greed.asked().get(i),
              greed.admitted().get(i)));
    }
    rows.add(row("the greedy address, both", greed.allAsked(), greed.allAdmitted()));
    rows.add(row("all others, both", others, others - othersRefused));
    screen.table(List.of("requests", "asked", "admitted", "refused"), rows);
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
    screen.line(
        "   %s requests of all were admitted meanwhile without an answer of Redis"
            .formatted(count(greed.allAlone())));
  }

  private static List<String> row(String title, long asked, long admitted) {
    return List.of(title, count(asked), count(admitted), count(asked - admitted));
  }

  List<Check> checks() {
    return List.of(
        new Check(
            "an address that asked for %s times its limit was admitted no more than that"
                .formatted(decimal(timesItsLimit())),
            overAdmitted() == 0,
            measured()),
        new Check(
            "nobody else was refused, by either service",
            othersRefused == 0 && others > 0,
            "%s of %s".formatted(count(othersRefused), count(others))));
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
