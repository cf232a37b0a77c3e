package io.headroom.routing;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
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

  /** An exception wrapped more often than that is nobody's. */
  private static final int MOST_WRAPPED = 8;

  private PostgresFailures() {}

  static FailureKind classify(SQLException failure) {
    FailureKind kind = kindOf(failure);
    // Whatever language a FATAL is in: the driver reads on, finds the connection ended, and adds
    // that to what it throws.
    for (SQLException next = failure.getNextException();
        next != null && kind != FailureKind.CONNECTION_LOST;
        next = next.getNextException()) {
      if (kindOf(next) == FailureKind.CONNECTION_LOST) {
        kind = FailureKind.CONNECTION_LOST;
      }
    }
    return kind;
  }

  private static FailureKind kindOf(SQLException failure) {
    SQLException origin = origin(failure);
    String severity = severityOf(origin);
    if ("FATAL".equals(severity) || "PANIC".equals(severity)) {
      return FailureKind.CONNECTION_LOST;
    }
    String state = origin.getSQLState();
    if (state == null) {
      return isOfConnection(origin) ? FailureKind.CONNECTION_LOST : FailureKind.STATEMENT;
    }
    return switch (state) {
      // A recovery conflict cancels a statement that runs, and ends a session that is idle in its
      // transaction: the same state, told apart by the severity alone.
      case "40001", "40P01" -> FailureKind.READ_CONFLICT;
      case "25006" -> FailureKind.READ_ONLY;
      // shut down, crashed, starting, database dropped, idle too long (session, transaction),
      // transaction too long, no connection left
      case "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04", "53300" ->
          "ERROR".equals(severity) ? FailureKind.STATEMENT : FailureKind.CONNECTION_LOST;
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
