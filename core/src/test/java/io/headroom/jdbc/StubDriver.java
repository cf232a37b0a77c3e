package io.headroom.jdbc;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A driver of stubs that records what it is asked, remembers settings, and fails when told to. */
final class StubDriver implements ConnectionSource {

  /** Called before each recorded call; throws to make it fail. */
  interface Fault {
    void on(String call) throws SQLException;
  }

  /** Marks our stubs, for tests of unwrap. */
  interface Stub {}

  private static final Map<String, Object> FRESH =
      Map.of(
          "AutoCommit",
          true,
          "ReadOnly",
          false,
          "TransactionIsolation",
          Connection.TRANSACTION_READ_COMMITTED,
          "Holdability",
          ResultSet.CLOSE_CURSORS_AT_COMMIT,
          "NetworkTimeout",
          0,
          "Schema",
          "public",
          "Catalog",
          "stub");

  /** {@code "Type.method[arguments]"}, connections only as far as they are used. */
  final List<String> calls = new ArrayList<>();

  final List<BindRequest> requests = new ArrayList<>();
  final List<Integer> closes = new ArrayList<>();
  final Map<String, Object> fresh = new HashMap<>(FRESH);
  ConnectionHooks hooks = ConnectionHooks.none();
  Fault fault = call -> {};

  /** Statements that close themselves with a result set. */
  private final Set<Statement> selfClosing = Collections.newSetFromMap(new IdentityHashMap<>());

  private final Set<Statement> closed = Collections.newSetFromMap(new IdentityHashMap<>());

  /** What statements answer when asked for warnings. */
  @Nullable SQLWarning warning;

  @Override
  public Binding bind(BindRequest request) throws SQLException {
    fault.on("bind");
    requests.add(request);
    return new Binding(connect(), hooks);
  }

  /** Fails the calls that begin so. */
  void fail(String prefix, SQLException failure) {
    fault =
        call -> {
          if (call.startsWith(prefix)) {
            throw failure;
          }
        };
  }

  /** A connection of a source that learns, over this driver. */
  LazyConnection open() {
    return new LazyConnection(this, new SourceFacts());
  }

  /** How many connections were taken. */
  int taken() {
    return closes.size();
  }

  /** The calls that are not about learning or reading settings. */
  List<String> log() {
    return calls.stream().filter(call -> !call.matches("Connection\\.(get|is).*")).toList();
  }

  Connection connect() {
    int number = closes.size();
    closes.add(0);
    Map<String, Object> settings = new HashMap<>(fresh);
    Connection[] self = new Connection[1];
    self[0] =
        stub(
            Connection.class,
            (proxy, method, arguments) -> {
              String name = method.getName();
              if (name.equals("close")) {
                closes.set(number, closes.get(number) + 1);
              }
              record("Connection", method, arguments);
              if (method.getReturnType().isAssignableFrom(CallableStatement.class)
                  && Statement.class.isAssignableFrom(method.getReturnType())) {
                return statement(method.getReturnType(), self[0]);
              }
              if (name.equals("getMetaData")) {
                return metaData(self[0]);
              }
              if (name.startsWith("set") && arguments != null) {
                settings.put(name.substring(3), arguments[arguments.length - 1]);
              } else if (name.startsWith("get") || name.startsWith("is")) {
                Object known = settings.get(name.substring(name.startsWith("get") ? 3 : 2));
                if (known != null) {
                  return known;
                }
              }
              return zero(method.getReturnType());
            });
    return self[0];
  }

  @Override
  public String toString() {
    return "stub driver";
  }

  private Object statement(Class<?> type, Connection connection) {
    Statement[] self = new Statement[1];
    ResultSet[] current = new ResultSet[1];
    self[0] =
        (Statement)
            stub(
                type,
                (proxy, method, arguments) -> {
                  if (method.getName().equals("getWarnings")) {
                    return warning;
                  }
                  record(type.getSimpleName(), method, arguments);
                  switch (method.getName()) {
                    case "getConnection" -> {
                      return connection;
                    }
                    case "closeOnCompletion" -> selfClosing.add(self[0]);
                    case "isCloseOnCompletion" -> {
                      return selfClosing.contains(self[0]);
                    }
                    case "close" -> closed.add(self[0]);
                    case "isClosed" -> {
                      return closed.contains(self[0]);
                    }
                    default -> {}
                  }
                  if (method.getName().equals("getResultSet")) {
                    current[0] = current[0] == null ? resultSet(self[0]) : current[0];
                    return current[0];
                  }
                  return method.getReturnType() == ResultSet.class
                      ? resultSet(self[0])
                      : zero(method.getReturnType());
                });
    return self[0];
  }

  private ResultSet resultSet(Statement statement) {
    boolean[] read = new boolean[1];
    return stub(
        ResultSet.class,
        (proxy, method, arguments) -> {
          record("ResultSet", method, arguments);
          return switch (method.getName()) {
            case "getStatement" -> statement;
            case "next" -> !read[0] && (read[0] = true);
            case "getLong" -> 42L;
            case "close" -> {
              if (selfClosing.contains(statement)) {
                closed.add(statement);
              }
              yield null;
            }
            default -> zero(method.getReturnType());
          };
        });
  }

  private DatabaseMetaData metaData(Connection connection) {
    return stub(
        DatabaseMetaData.class,
        (proxy, method, arguments) -> {
          record("DatabaseMetaData", method, arguments);
          if (method.getName().equals("getDatabaseProductName")) {
            return "Stub";
          }
          if (method.getReturnType() == ResultSet.class) {
            Statement its = (Statement) statement(Statement.class, connection);
            selfClosing.add(its); // as pgjdbc's are
            return resultSet(its);
          }
          return zero(method.getReturnType());
        });
  }

  private void record(String type, Method method, Object[] arguments) throws SQLException {
    String call =
        type
            + "."
            + method.getName()
            + (arguments == null ? "[]" : Arrays.deepToString(arguments).replace(" ", ""));
    calls.add(call);
    fault.on(call);
  }

  static <T> T stub(Class<T> type, InvocationHandler behaviour) {
    Object stub =
        Proxy.newProxyInstance(
            StubDriver.class.getClassLoader(),
            new Class<?>[] {type, Stub.class},
            (proxy, method, arguments) -> {
              if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                  case "equals" -> proxy == arguments[0];
                  case "hashCode" -> System.identityHashCode(proxy);
                  default -> "stub " + type.getSimpleName();
                };
              }
              return behaviour.invoke(proxy, method, arguments);
            });
    return type.cast(stub);
  }

  private static Object zero(Class<?> type) {
    if (type == boolean.class) {
      return false;
    } else if (type == int.class) {
      return 0;
    } else if (type == long.class) {
      return 0L;
    } else if (type == float.class) {
      return 0F;
    } else if (type == double.class) {
      return 0D;
    } else if (type == short.class) {
      return (short) 0;
    } else if (type == byte.class) {
      return (byte) 0;
    }
    return null;
  }
}
