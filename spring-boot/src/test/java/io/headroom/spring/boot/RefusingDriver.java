package io.headroom.spring.boot;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** PostgreSQL's, which throws something where a network time-out is set. */
final class RefusingDriver extends TestDriver {

  private static final String POSTGRES = "jdbc:postgresql:";
  private static final String REFUSING = "jdbc:refusing:";

  private final Exception thrown;
  private volatile Connection opened;
  private volatile Properties given;

  RefusingDriver(Exception thrown) {
    super(REFUSING);
    this.thrown = thrown;
  }

  /** A server's, as this driver knows it. */
  static String url(String postgres) {
    return postgres.replace(POSTGRES, REFUSING);
  }

  Exception thrown() {
    return thrown;
  }

  /** The last real connection. */
  Connection opened() {
    return opened;
  }

  /** With which that was asked for. */
  Properties given() {
    return given;
  }

  @Override
  public Connection connect(String url, Properties properties) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    Connection real = DriverManager.getConnection(url.replace(REFUSING, POSTGRES), properties);
    given = properties;
    opened = real; // by now it may be another thread's
    return refusing(real, thrown);
  }

  /** A connection that throws this where a network time-out is set. */
  static Connection refusing(Connection real, Exception thrown) {
    return (Connection)
        Proxy.newProxyInstance(
            Connection.class.getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("setNetworkTimeout")) {
                throw thrown;
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException failed) {
                throw failed.getCause();
              }
            });
  }
}
