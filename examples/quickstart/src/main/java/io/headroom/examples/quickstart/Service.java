package io.headroom.examples.quickstart;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import javax.sql.DataSource;

/** A service with one pool, as {@link SpikeLoad} asks it, on threads of its container. */
interface Service {

  /** How long a request holds its connection: with the pool's size, this is what it can do. */
  Duration WORK = Duration.ofMillis(50);

  /** What somebody is told. */
  enum Answer {
    SERVED,
    REFUSED_AT_THE_DOOR,
    REFUSED_AT_THE_POOL
  }

  /**
   * Serves a request.
   *
   * @param request how much it matters, and whose it is
   * @throws SQLException if that fails, or no connection can be had
   */
  Answer serve(RequestContext request) throws SQLException;

  /** The same work for every service. */
  static Answer work(DataSource pool) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_sleep(" + WORK.toMillis() / 1e3 + ")");
      return Answer.SERVED;
    }
  }
}
