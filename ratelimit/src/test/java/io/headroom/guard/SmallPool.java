package io.headroom.guard;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;

/** A pool of one connection, to no database: who asks for a second one waits for the first. */
final class SmallPool {

  private final Semaphore free = new Semaphore(1);

  DataSource dataSource() {
    return fake(
        DataSource.class,
        (proxy, method, arguments) ->
            method.getName().equals("getConnection")
                ? connection()
                : answer(proxy, method.getName(), arguments, method.getReturnType()));
  }

  private Connection connection() throws SQLException {
    try {
      free.acquire();
    } catch (InterruptedException e) {
      throw new SQLException("interrupted", e);
    }
    AtomicBoolean closed = new AtomicBoolean();
    return fake(
        Connection.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("close") && closed.compareAndSet(false, true)) {
            free.release();
          }
          return answer(proxy, method.getName(), arguments, method.getReturnType());
        });
  }

  private static Object answer(Object proxy, String method, Object[] arguments, Class<?> type) {
    return switch (method) {
      case "equals" -> proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "a pool of one, and what comes of it";
      case "getAutoCommit" -> true;
      default -> nothing(type);
    };
  }

  private static Object nothing(Class<?> type) {
    if (type == boolean.class) {
      return false;
    }
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    return type.isInterface() && type.getPackageName().equals("java.sql")
        ? fake(
            type,
            (proxy, method, arguments) ->
                answer(proxy, method.getName(), arguments, method.getReturnType()))
        : null;
  }

  private static <T> T fake(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(SmallPool.class.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
