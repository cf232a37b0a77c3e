package io.headroom.routing;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What PostgreSQL's SQLSTATEs say of the server. Source: PostgreSQL,
 * src/backend/utils/errcodes.txt, src/backend/tcop/postgres.c for what a recovery conflict ends,
 * and src/include/utils/elog.h: a session goes on after an ERROR, whatever its state, and ends with
 * a FATAL or a PANIC.
 *
 * <p>A state alone does not tell. An ERROR passes on what another server said to a foreign data
 * wrapper, a broken connection among other things, and the session that it came from lives.
 */
final class PostgresFailures {

  private static final List<String> UNTRANSLATED = List.of("ERROR", "FATAL", "PANIC");

  private static final String IDLE_SESSION = "57P05";
  private static final String IDLE_IN_TRANSACTION = "25P03";
  private static final String TRANSACTION_TIMEOUT = "25P04";

  /** What a FATAL says of one session, and not of the server; a recovery conflict among them. */
  private static final Set<String> OF_A_SESSION =
      Set.of(IDLE_SESSION, IDLE_IN_TRANSACTION, TRANSACTION_TIMEOUT, "40001", "40P01");

  /** An exception wrapped more often than that is nobody's. */
  private static final int MOST_WRAPPED = 8;

  private PostgresFailures() {}

  static FailureKind classify(SQLException failure) {
    FailureKind kind = kindOf(failure);
    // Whatever language a FATAL is in: the driver reads on, finds the connection ended, and adds
    // that to what it throws.
    for (SQLException next = failure.getNextException();
        next != null && !ends(kind);
        next = next.getNextException()) {
      FailureKind then = kindOf(next);
      if (ends(then)) {
        boolean wentOn = "ERROR".equals(severityOf(origin(failure)));
        kind = kind == FailureKind.READ_CONFLICT && !wentOn ? FailureKind.SESSION_ENDED : then;
      }
    }
    return kind;
  }

  private static boolean ends(FailureKind kind) {
    return kind == FailureKind.CONNECTION_LOST || kind == FailureKind.SESSION_ENDED;
  }

  private static FailureKind kindOf(SQLException failure) {
    SQLException origin = origin(failure);
    String severity = severityOf(origin);
    String state = origin.getSQLState();
    if ("FATAL".equals(severity) || "PANIC".equals(severity)) {
      return "FATAL".equals(severity) && state != null && OF_A_SESSION.contains(state)
          ? FailureKind.SESSION_ENDED
          : FailureKind.CONNECTION_LOST;
    }
    if (state == null) {
      return isOfConnection(origin) ? FailureKind.CONNECTION_LOST : FailureKind.STATEMENT;
    }
    return switch (state) {
      // A recovery conflict cancels a statement that runs, and ends a session that is idle in its
      // transaction: the same state, told apart by the severity alone.
      case "40001", "40P01" -> FailureKind.READ_CONFLICT;
      case "25006" -> FailureKind.READ_ONLY;
      // shut down, crashed, starting, database dropped, no connection left
      case "57P01", "57P02", "57P03", "57P04", "53300" ->
          "ERROR".equals(severity) ? FailureKind.STATEMENT : FailureKind.CONNECTION_LOST;
      case IDLE_SESSION, IDLE_IN_TRANSACTION, TRANSACTION_TIMEOUT ->
          "ERROR".equals(severity) ? FailureKind.STATEMENT : FailureKind.SESSION_ENDED;
      // the driver found it closed before it sent anything
      case "08003" -> severity == null ? FailureKind.CONNECTION_CLOSED : FailureKind.STATEMENT;
      default ->
          state.startsWith("08") && severity == null
              ? FailureKind.CONNECTION_LOST
              : FailureKind.STATEMENT;
    };
  }

  /** What an exception stands for that wraps another: a batch's, or a pool's. */
  private static SQLException origin(SQLException failure) {
    SQLException origin = failure;
    for (int wrapped = 0; wrapped < MOST_WRAPPED; wrapped++) {
      String state = origin.getSQLState();
      if (!(origin.getCause() instanceof SQLException cause)
          || cause.getSQLState() == null
          || (state != null && !state.equals(cause.getSQLState()))) {
        return origin;
      }
      origin = cause;
    }
    return origin;
  }

  private static boolean isOfConnection(SQLException failure) {
    return failure instanceof SQLRecoverableException
        || failure instanceof SQLNonTransientConnectionException
        || failure instanceof SQLTransientConnectionException;
  }

  /**
   * The severity that the server gave, in its own language ({@code lc_messages}); null where the
   * server did not say this, but the driver. Another driver's exception tells by its message, which
   * begins with it.
   */
  private static @Nullable String severityOf(SQLException failure) {
    Object severity = ServerMessages.told(failure, "getSeverity");
    if (severity != null) {
      return severity.toString();
    }
    String message = failure.getMessage();
    return message == null
        ? null
        : UNTRANSLATED.stream()
            .filter(word -> message.startsWith(word + ":"))
            .findFirst()
            .orElse(null);
  }
}
