package io.headroom.jdbc;

import static java.lang.Boolean.TRUE;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Metadata that do not bind their connection to be asked for a constant. A reflective proxy, since
 * metadata are asked rarely.
 *
 * <p>What returns rows is a statement like any other: it binds. What returns anything else is a
 * constant of the database, learned once per source from a connection that is taken and given back
 * at once. Once the connection is bound, its own metadata answer.
 */
final class MetaDataProxy implements InvocationHandler {

  private final LazyConnection connection;

  private MetaDataProxy(LazyConnection connection) {
    this.connection = connection;
  }

  static DatabaseMetaData of(LazyConnection connection) {
    return (DatabaseMetaData)
        Proxy.newProxyInstance(
            MetaDataProxy.class.getClassLoader(),
            new Class<?>[] {DatabaseMetaData.class},
            new MetaDataProxy(connection));
  }

  @Override
  public @Nullable Object invoke(
      Object proxy, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    return switch (method.getName()) {
      case "equals" -> arguments != null && proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      case "toString" -> "DatabaseMetaData of " + connection;
      case "getConnection" -> connection;
      case "isWrapperFor" ->
          isInstance(firstOf(arguments), proxy) || TRUE.equals(constant(method, arguments));
      case "unwrap" -> unwrapped(proxy, (Class<?>) firstOf(arguments));
      default ->
          ResultSet.class.isAssignableFrom(method.getReturnType())
              ? rows(method, arguments)
              : constant(method, arguments);
    };
  }

  private static boolean isInstance(Object type, Object metaData) {
    return ((Class<?>) type).isInstance(metaData);
  }

  private Object unwrapped(Object proxy, Class<?> type) throws SQLException {
    return type.isInstance(proxy) ? proxy : driverMetaData(type);
  }

  private static Object firstOf(@Nullable Object @Nullable [] arguments) {
    if (arguments == null || arguments[0] == null) {
      throw new NullPointerException("type must not be null");
    }
    return arguments[0];
  }

  private Object driverMetaData(Class<?> type) throws SQLException {
    DatabaseMetaData driver = connection.bound().getMetaData();
    return type.isInstance(driver) ? driver : driver.unwrap(type);
  }

  private @Nullable Object rows(Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    DatabaseMetaData driver = connection.bound().getMetaData();
    connection.beforeExecution();
    Object rows;
    try {
      rows = ask(driver, method, arguments);
    } catch (SQLException e) {
      throw connection.translated(e);
    }
    connection.afterExecution(null);
    return rows == null ? null : new LazyResultSet(connection, (ResultSet) rows);
  }

  private @Nullable Object constant(Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    if (connection.isBound()) {
      return ask(connection.bound().getMetaData(), method, arguments);
    }
    connection.checkOpen();
    Object question = arguments == null ? method : List.of(method, Arrays.asList(arguments));
    SourceFacts facts = connection.facts;
    Object known = facts.constant(question);
    if (known != null) {
      return known;
    }
    Binding binding = connection.borrowForMetadata();
    Object answer;
    try {
      answer = ask(binding.connection().getMetaData(), method, arguments);
    } finally {
      binding.release(facts);
    }
    if (answer != null) {
      facts.remember(question, answer);
    }
    return answer;
  }

  private static @Nullable Object ask(
      DatabaseMetaData driver, Method method, @Nullable Object @Nullable [] arguments)
      throws Throwable {
    // A driver's own type is one to unwrap to, even if the driver counts only what it wraps.
    if (method.getName().equals("isWrapperFor") && isInstance(firstOf(arguments), driver)) {
      return true;
    }
    try {
      return method.invoke(driver, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}
