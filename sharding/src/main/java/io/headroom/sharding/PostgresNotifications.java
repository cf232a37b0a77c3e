package io.headroom.sharding;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What NOTIFY sent to one connection, by pgjdbc's own interface. That is reached through the
 * connection's class loader, since no published module depends on a driver.
 */
final class PostgresNotifications {

  private static final String PG_CONNECTION = "org.postgresql.PGConnection";
  private static final String PG_NOTIFICATION = "org.postgresql.PGNotification";

  private final MethodHandle getNotifications;

  private PostgresNotifications(MethodHandle getNotifications) {
    this.getNotifications = getNotifications;
  }

  /** The notifications of a connection, or of the one it wraps; null if its driver is another. */
  static @Nullable PostgresNotifications of(Connection connection) {
    try {
      ClassLoader loader = connection.getClass().getClassLoader();
      Class<?> type = Class.forName(PG_CONNECTION, false, loader);
      if (!connection.isWrapperFor(type)) {
        return null;
      }
      Class<?> notifications =
          Array.newInstance(Class.forName(PG_NOTIFICATION, false, loader), 0).getClass();
      MethodHandle handle =
          MethodHandles.publicLookup()
              .findVirtual(
                  type, "getNotifications", MethodType.methodType(notifications, int.class));
      return new PostgresNotifications(
          handle
              .bindTo(connection.unwrap(type))
              .asType(MethodType.methodType(Object[].class, int.class)));
    } catch (ReflectiveOperationException | LinkageError | SQLException e) {
      return null;
    }
  }

  /** Waits until there is a notification, and takes all there are; false if none came in time. */
  boolean await(int millis) throws SQLException {
    try {
      Object[] received = (Object[]) getNotifications.invokeExact(millis);
      return received != null && received.length > 0;
    } catch (SQLException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new SQLException("waiting for notifications failed", e);
    }
  }
}
