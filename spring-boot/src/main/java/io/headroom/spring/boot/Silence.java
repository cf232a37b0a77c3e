package io.headroom.spring.boot;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long a server may say nothing, as one whose process is stopped, or that the network
 * has lost. The time-out of a query does not: pgjdbc keeps it by asking the same server, over a new
 * connection, to cancel, reads on, and does not return while that is asked.
 */
final class Silence {

  /** Later, since pgjdbc waits for the end of a cancel that it has begun, if nobody answers it. */
  private static final int CANCELLED_AFTER_SECONDS = 1;

  private static final String POSTGRES = "jdbc:postgresql:";

  /** Options of pgjdbc, in seconds, of which 0 is for ever. */
  private static final Set<String> OF_LOGINS = Set.of("connectTimeout", "socketTimeout");

  private Silence() {}

  /**
   * What a server is asked over a connection.
   *
   * @param <T> the answer
   */
  @FunctionalInterface
  interface Question<T> {

    /** Asks it, having bounded the silence or not. */
    T ask(boolean bounded) throws SQLException;
  }

  /**
   * Asks, and once more without a bound where the driver has none. That takes another connection:
   * one that takes its server at the first statement says so only there, and HikariCP closes one
   * that has said so (SQLState 0A000).
   */
  static <T> T ask(Question<T> question) throws SQLException {
    try {
      return question.ask(true);
    } catch (SQLFeatureNotSupportedException unbounded) {
      return question.ask(false); // by whatever the driver makes of the time-out of a query
    }
  }

  /**
   * Bounds a statement, and its connection as {@link #bound(Connection, Duration)} does. That a
   * server is asked to cancel it is what is left with a driver that bounds no silence.
   *
   * @param most how long it may take, in whole seconds
   * @param silence whether to bound the connection's
   */
  static void bound(Statement statement, Duration most, boolean silence) throws SQLException {
    if (silence) {
      bound(statement.getConnection(), most);
    }
    statement.setQueryTimeout((int) most.toSeconds() + (silence ? CANCELLED_AFTER_SECONDS : 0));
  }

  /**
   * Has a connection of a HikariCP pool, which undoes that when it is given back, fail sooner or
   * later. A shorter bound that it has already stays.
   *
   * @param most how long a read may take, 1 ms or more
   * @throws SQLFeatureNotSupportedException if the driver cannot, which {@link #ask} is for
   */
  static void bound(Connection connection, Duration most) throws SQLException {
    int millis = (int) Math.min(most.toMillis(), Integer.MAX_VALUE);
    int before = connection.getNetworkTimeout();
    if (before == 0 || before > millis) {
      connection.setNetworkTimeout(Runnable::run, millis);
    }
  }

  /**
   * Has a login of pgjdbc's fail sooner or later, too, as far as an option can: at each of the
   * URL's hosts. Shorter bounds stay, wherever they stand.
   *
   * @param properties what the driver is given beside the URL
   * @param most how long a server may say nothing, in whole seconds
   * @return the URL, with what goes before all else that is said of the bounds; as it was if it is
   *     another driver's
   */
  static String boundedLogin(String url, Properties properties, Duration most) throws SQLException {
    if (!url.startsWith(POSTGRES)) {
      return url;
    }
    StringBuilder bounded = new StringBuilder(url);
    for (DriverPropertyInfo option :
        DriverManager.getDriver(url).getPropertyInfo(url, properties)) {
      if (OF_LOGINS.contains(option.name) && isLonger(option.value, most.toSeconds())) {
        bounded
            .append(bounded.indexOf("?") < 0 ? '?' : '&') // of two in a URL the last one holds
            .append(option.name)
            .append('=')
            .append(most.toSeconds());
      }
    }
    return bounded.toString();
  }

  private static boolean isLonger(@Nullable String seconds, long most) {
    try {
      long given = seconds == null ? 0 : Long.parseLong(seconds);
      return given <= 0 || given > most;
    } catch (NumberFormatException wrong) {
      return false; // the driver says so
    }
  }
}
