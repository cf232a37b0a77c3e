package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.ratelimit.Limit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Whether the limits have kept their promises: the greedy user was admitted its burst and what
 * flowed in while it asked, no more, and hardly less; and nobody else was refused, whatever
 * happened to Redis.
 *
 * <p>Decisions that Redis did not make in time are the process's own, by its part of the limit, and
 * are judged by that; mostly there is none, as Redis is there while the greedy user asks.
 */
final class LimitVerdict {

  private static final double LEAST_PERCENT_USED = 95;

  private static final Limit ITS_LIMIT = Limits.PER_USER;

  private final Greed.Found greed;
  private final Entries first;
  private final Entries second;

  /**
   * Judges.
   *
   * @param greed what came of the greedy user
   * @param first of all others in the first process
   * @param second of all others in the second
   */
  LimitVerdict(Greed.Found greed, Entries first, Entries second) {
    this.greed = greed;
    this.first = first;
    this.second = second;
  }

  /** How often the greedy user was admitted beyond what was promised. */
  long overAdmitted() {
    long over = Math.max(0, greed.both().admittedShared() - most(1));
    for (Entries each : List.of(greed.first(), greed.second())) {
      over += Math.max(0, each.admittedAlone() - most(Limits.PROCESSES));
    }
    return over;
  }

  /** How much of its limit the greedy user got. */
  double percentUsed() {
    return 100 * greed.both().admitted() / (ITS_LIMIT.capacity() + flowedIn());
  }

  /** How often others were refused. */
  long othersRefused() {
    return first.plus(second).refused();
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
  private double timesItsLimit() {
    return greed.both().asked() / flowedIn();
  }

  void show(Screen screen) {
    screen.table(
        List.of("requests", "asked", "admitted", "refused", "decided without Redis"),
        Stream.of(
                row("the greedy user, first process", greed.first()),
                row("the greedy user, second process", greed.second()),
                row("the greedy user, both", greed.both()),
                row("all others, first process", first),
                row("all others, second process", second),
                row("all others, both", first.plus(second)))
            .toList());
    screen.line(
        String.format(
            Locale.ROOT,
            "   the greedy user's limit is %s: in %.3f s of Redis's clock %d + %d × %.3f = %.2f",
            ITS_LIMIT,
            seconds(),
            ITS_LIMIT.capacity(),
            ITS_LIMIT.permits(),
            seconds(),
            ITS_LIMIT.capacity() + flowedIn()));
  }

  private static List<String> row(String title, Entries entries) {
    return List.of(
        title,
        count(entries.asked()),
        count(entries.admitted()),
        count(entries.refused()),
        count(entries.alone()));
  }

  List<Check> checks() {
    Entries both = greed.both();
    return List.of(
        new Check(
            "a user who asked for %s times its limit was admitted no more than that"
                .formatted(decimal(timesItsLimit())),
            overAdmitted() == 0 && both.refused() > 0,
            "%s over; %s of %s admitted, at most %s were allowed"
                .formatted(
                    count(overAdmitted()),
                    count(both.admitted()),
                    count(both.asked()),
                    count(most(1)))),
        new Check(
            "and hardly less",
            percentUsed() >= LEAST_PERCENT_USED
                && greed.first().admitted() > 0
                && greed.second().admitted() > 0,
            "%s %%; %s in the first process, %s in the second"
                .formatted(
                    decimal(percentUsed()),
                    count(greed.first().admitted()),
                    count(greed.second().admitted()))),
        new Check(
            "nobody else was refused, in either process",
            othersRefused() == 0 && first.asked() > 0 && second.asked() > 0,
            "%s of %s, %s of which were decided without Redis"
                .formatted(
                    count(othersRefused()),
                    count(first.plus(second).asked()),
                    count(first.plus(second).alone()))));
  }

  private static String decimal(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
