package io.headroom.routing;

import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * The parts of what a server sent that JDBC does not show. Asked of the driver's exceptions without
 * the driver's classes, which are the application's.
 */
final class ServerMessages {

  private ServerMessages() {}

  /**
   * What the server told.
   *
   * @param part a method of pgjdbc's {@code ServerErrorMessage}
   * @return null if the server sent nothing, or the driver is another
   */
  static @Nullable Object told(SQLException failure, String part) {
    try {
      Object message = failure.getClass().getMethod("getServerErrorMessage").invoke(failure);
      return message == null ? null : message.getClass().getMethod(part).invoke(message);
    } catch (ReflectiveOperationException anotherDriver) {
      return null;
    }
  }
}
