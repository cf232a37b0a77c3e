package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every method of the wrapped interfaces, default methods and those of the running JDK included,
 * reaches the driver with its arguments, and its answer comes back.
 */
class ForwardingTest {

  /** What the wrappers answer themselves; each has a test of its own elsewhere. */
  private static final Set<String> OWN =
      Set.of(
          "unwrap",
          "isWrapperFor",
          "getConnection",
          "getStatement",
          "getMetaData",
          "setShardingKey",
          "setShardingKeyIfValid");

  private record Call(Method method, List<Object> arguments) {}

  private final List<Call> calls = new ArrayList<>();

  @TestFactory
  Stream<DynamicTest> connection() {
    return forwards(Connection.class, this::boundTo);
  }

  @TestFactory
  Stream<DynamicTest> statement() {
    return forwards(Statement.class, driver -> new LazyStatement(bound(), driver));
  }

  @TestFactory
  Stream<DynamicTest> preparedStatement() {
    return forwards(PreparedStatement.class, driver -> new LazyPreparedStatement(bound(), driver));
  }

  @TestFactory
  Stream<DynamicTest> callableStatement() {
    return forwards(CallableStatement.class, driver -> new LazyCallableStatement(bound(), driver));
  }

  @TestFactory
  Stream<DynamicTest> resultSet() {
    return forwards(ResultSet.class, driver -> new LazyResultSet(bound(), driver));
  }

  private interface Wrapping<T> {
    T around(T driver) throws SQLException;
  }

  private <T> Stream<DynamicTest> forwards(Class<T> type, Wrapping<T> wrapping) {
    return Arrays.stream(type.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> !OWN.contains(method.getName()))
        .filter(method -> !(type != ResultSet.class && method.getName().equals("getMetaData")))
        .map(
            method ->
                DynamicTest.dynamicTest(method.toString(), () -> check(method, type, wrapping)));
  }

  private <T> void check(Method method, Class<T> type, Wrapping<T> wrapping) throws Exception {
    Object[] arguments = samples(method);
    Object answer = sample(method.getReturnType(), 7);
    T driver =
        StubDriver.stub(
            type,
            (proxy, called, with) -> {
              calls.add(new Call(called, with == null ? List.of() : Arrays.asList(with)));
              return called.equals(method) || called.getReturnType().isPrimitive()
                  ? sample(called.getReturnType(), 7)
                  : answerOf(called, method, answer);
            });
    T wrapper = wrapping.around(driver);
    calls.clear();
    Object returned = invoke(method, wrapper, arguments);

    assertThat(calls)
        .anySatisfy(
            call -> {
              assertThat(call.method().getName()).isEqualTo(method.getName());
              assertThat(call.method().getParameterTypes()).isEqualTo(method.getParameterTypes());
              assertThat(call.arguments()).containsExactly(arguments);
            });
    if (method.getReturnType().isPrimitive() && method.getReturnType() != void.class) {
      assertThat(returned).isEqualTo(answer);
    } else if (returned instanceof Statement || returned instanceof ResultSet) {
      assertThat(returned.getClass().getSimpleName()).startsWith("Lazy");
    }
  }

  private static Object answerOf(Method called, Method asked, Object answer) {
    return called.getName().equals(asked.getName()) ? answer : sample(called.getReturnType(), 7);
  }

  private static Object invoke(Method method, Object target, Object[] arguments) throws Exception {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  private static LazyConnection bound() throws SQLException {
    LazyConnection connection = new StubDriver().open();
    connection.bound();
    return connection;
  }

  private LazyConnection boundTo(Connection driver) throws SQLException {
    LazyConnection connection =
        LazyConnection.open(request -> new Binding(driver, ConnectionHooks.none()));
    connection.bound();
    return connection;
  }

  /** Arguments that differ by position, so that a swap shows. */
  private static Object[] samples(Method method) {
    Class<?>[] types = method.getParameterTypes();
    Object[] samples = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      samples[i] = sample(types[i], i + 1);
    }
    return samples;
  }

  private static Object sample(Class<?> type, int number) {
    if (type == boolean.class) {
      return true;
    } else if (type == int.class) {
      return number;
    } else if (type == long.class) {
      return (long) number;
    } else if (type == short.class) {
      return (short) number;
    } else if (type == byte.class) {
      return (byte) number;
    } else if (type == float.class) {
      return (float) number;
    } else if (type == double.class) {
      return (double) number;
    } else if (type == String.class) {
      return "text " + number;
    } else if (type == Class.class) {
      return String.class;
    } else if (type == Executor.class) {
      return (Executor) Runnable::run;
    } else if (type.isArray()) {
      return Array.newInstance(type.getComponentType(), number);
    } else if (type.isInterface() && type.getName().startsWith("java.sql")) {
      return StubDriver.stub(type, (proxy, method, arguments) -> null);
    }
    return null;
  }
}
