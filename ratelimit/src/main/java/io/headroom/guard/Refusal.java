package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import java.time.Duration;
import java.util.OptionalDouble;

/**
 * Why there was no connection to be had, with the figures that decided it. Immutable.
 *
 * <pre>{@code
 * refusal.message(); // "pool 'orders': SHEDDABLE shed under load (level HIGH, cohort 0.31, those
 *                    //  below 0.45 are shed, oldest waiter 84 ms, target 5.0 ms, expected wait
 *                    //  92 ms, 10 of 10 in use, 12 waiting): try again in 2 s"
 * }</pre>
 *
 * @param resource the pool's name; of a refusal at the door, the one with the most room left
 * @param reason what decided
 * @param criticality how much the request mattered
 * @param cohort where the user falls among all users, if known
 * @param level the pool's level
 * @param shed the share of users that this criticality was shed for, from 0 to 1: those whose
 *     cohort is below it
 * @param oldestWait how long the one that waits longest has waited
 * @param target how long it may be that everybody waits before that is overload
 * @param expectedWait how long the request was expected to wait, by the time that connections are
 *     held; zero if that was not asked
 * @param inUse connections in use
 * @param size connections that may be
 * @param waiting how many wait for one
 * @param retryAfter when to come back at the earliest; more than zero
 */
public record Refusal(
    String resource,
    RefusalReason reason,
    Criticality criticality,
    OptionalDouble cohort,
    LoadLevel level,
    double shed,
    Duration oldestWait,
    Duration target,
    Duration expectedWait,
    int inUse,
    int size,
    int waiting,
    Duration retryAfter) {

  /**
   * Explains it to an operator.
   *
   * @return a line without a full stop, in no fixed format
   */
  public String message() {
    StringBuilder text = new StringBuilder(160);
    text.append("pool '")
        .append(resource)
        .append("': ")
        .append(criticality)
        .append(' ')
        .append(what());
    text.append(" (level ").append(level);
    if (shed > 0) {
      text.append(", cohort ").append(cohort.isPresent() ? share(cohort.getAsDouble()) : "unknown");
      text.append(", those below ").append(share(shed)).append(" are shed");
    }
    text.append(", oldest waiter ").append(millis(oldestWait));
    text.append(", target ").append(millis(target));
    if (!expectedWait.isZero()) {
      text.append(", expected wait ").append(millis(expectedWait));
    }
    text.append(", ").append(inUse).append(" of ").append(size).append(" in use, ");
    return text.append(waiting).append(" waiting): ").append(mend()).toString();
  }

  private String what() {
    return switch (reason) {
      case SHED -> "shed under load";
      case QUEUE_FULL -> "refused, too many wait already, or it would wait for too long";
      case TIMED_OUT -> "waited in vain for a connection, for as long as it may";
      case DEADLINE ->
          expectedWait.isZero()
              ? "refused, its deadline has passed"
              : "refused, it would be served after its deadline";
      case DEADLOCK ->
          "refused a further connection, all who hold one want another, and would wait for ever";
    };
  }

  private String mend() {
    return switch (reason) {
      case SHED, QUEUE_FULL, TIMED_OUT -> "try again in " + comeBack();
      case DEADLINE -> "try again in " + comeBack() + ", with more time";
      case DEADLOCK ->
          "use a larger pool than there are such requests at once, or one connection a request";
    };
  }

  /** Rounded up: not sooner than said. */
  private String comeBack() {
    long millis = retryAfter.plusNanos(999_999).toMillis();
    return millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
  }

  private static String share(double share) {
    long hundredths = Math.round(share * 100);
    return hundredths / 100 + "." + hundredths / 10 % 10 + hundredths % 10;
  }

  private static String millis(Duration duration) {
    long micros = duration.toNanos() / 1_000;
    return micros < 10_000
        ? micros / 1_000 + "." + micros / 100 % 10 + " ms"
        : micros / 1_000 + " ms";
  }

  @Override
  public String toString() {
    return message();
  }
}
