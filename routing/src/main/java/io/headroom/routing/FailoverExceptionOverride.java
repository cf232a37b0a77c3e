package io.headroom.routing;

import com.zaxxer.hikari.SQLExceptionOverride;
import java.sql.SQLException;

/**
 * Has a HikariCP pool drop a connection whose server refuses writes (25006) or ends sessions, which
 * its own list of SQLSTATEs lacks.
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
      case CONNECTION_LOST, READ_ONLY -> Override.MUST_EVICT;
      case READ_CONFLICT, STATEMENT -> Override.CONTINUE_EVICT;
    };
  }
}
