package io.headroom.routing;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;

/**
 * What PostgreSQL's SQLSTATEs say of the server. Source: PostgreSQL,
 * src/backend/utils/errcodes.txt, and src/backend/tcop/postgres.c for what a recovery conflict
 * ends.
 */
final class PostgresFailures {

  private PostgresFailures() {}

  static FailureKind classify(SQLException failure) {
    String state = stateOf(failure);
    if (state == null) {
      return isOfConnection(failure) ? FailureKind.CONNECTION_LOST : FailureKind.STATEMENT;
    }
    return switch (state) {
      // A recovery conflict cancels a statement that runs, and ends a session that is idle in its
      // transaction: the same state, told apart by the severity alone.
      case "40001", "40P01" ->
          isFatal(failure) ? FailureKind.CONNECTION_LOST : FailureKind.READ_CONFLICT;
      case "25006" -> FailureKind.READ_ONLY;
      // shut down, crashed, starting, database dropped, idle too long (session, transaction),
      // transaction too long, no connection left
      case "57P01", "57P02", "57P03", "57P04", "57P05", "25P03", "25P04", "53300" ->
          FailureKind.CONNECTION_LOST;
      default -> state.startsWith("08") ? FailureKind.CONNECTION_LOST : FailureKind.STATEMENT;
    };
  }

  /** The state, or that of the cause where the exception itself has none, as a pool's may. */
  private static @Nullable String stateOf(SQLException failure) {
    if (failure.getSQLState() != null) {
      return failure.getSQLState();
    }
    return failure.getCause() instanceof SQLException cause ? cause.getSQLState() : null;
  }

  private static boolean isOfConnection(SQLException failure) {
    return failure instanceof SQLRecoverableException
        || failure instanceof SQLNonTransientConnectionException
        || failure instanceof SQLTransientConnectionException;
  }

  /**
   * The driver begins a server's message with its severity. Servers translate that in some
   * languages ({@code lc_messages}); then the next use of the connection shows that it is gone.
   */
  private static boolean isFatal(SQLException failure) {
    String message = failure.getMessage();
    return message != null && (message.startsWith("FATAL") || message.startsWith("PANIC"));
  }
}
