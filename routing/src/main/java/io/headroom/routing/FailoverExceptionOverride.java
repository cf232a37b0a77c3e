package io.headroom.routing;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Has a HikariCP pool drop a connection whose server refuses writes (25006) or ends sessions, which
 * its own list of SQLSTATEs lacks; and keep one whose server only passes on that it lost another
 * server (an ERROR of class 08, as of a foreign data wrapper).
 *
 * <pre>{@code
 * config.setExceptionOverrideClassName(FailoverExceptionOverride.class.getName());
 * }</pre>
 *
 * <p>{@link ReplicaDataSource} drops such connections by itself; this is for pools that are used
 * beside it. Stateless.
 */
public final class FailoverExceptionOverride implements SQLExceptionOverride {

  /** For HikariCP, which makes one by its name. */
  public FailoverExceptionOverride() {}

  @java.lang.Override
  public Override adjudicate(SQLException failure) {
    return switch (ReplicationProbe.postgres().classify(failure)) {
      case CONNECTION_LOST, SESSION_ENDED, CONNECTION_CLOSED, READ_ONLY -> Override.MUST_EVICT;
      case READ_CONFLICT -> Override.CONTINUE_EVICT;
      case STATEMENT -> soundsLost(failure) ? Override.DO_NOT_EVICT : Override.CONTINUE_EVICT;
    };
  }

  /** The pool goes by the state alone; the connection lives. */
  private static boolean soundsLost(SQLException failure) {
    String state = failure.getSQLState();
    return state != null && (state.startsWith("08") || state.startsWith("57P"));
  }
}
