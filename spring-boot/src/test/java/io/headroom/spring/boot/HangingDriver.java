package io.headroom.spring.boot;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** PostgreSQL's, whose logins wait while a test says so: for ever, unless they are interrupted. */
final class HangingDriver extends TestDriver {

  private static final String POSTGRES = "jdbc:postgresql:";
  private static final String HANGING = "jdbc:hanging:";

  private final AtomicInteger logins = new AtomicInteger();
  private volatile CountDownLatch gate = new CountDownLatch(0);

  HangingDriver() {
    super(HANGING);
  }

  /** A server's, as this driver knows it. */
  static String url(String postgres) {
    return postgres.replace(POSTGRES, HANGING);
  }

  /** From now on logins wait; those before are none of it. */
  void hang() {
    gate = new CountDownLatch(1);
  }

  /** Those that have begun to wait last go on, and so do all that begin from now on. */
  void release() {
    gate.countDown();
  }

  /** Those that begin from now on do not wait, and those that wait go on doing so. */
  CountDownLatch leave() {
    CountDownLatch waiting = gate;
    gate = new CountDownLatch(0);
    return waiting;
  }

  int logins() {
    return logins.get();
  }

  @Override
  public @Nullable Connection connect(String url, Properties properties) throws SQLException {
    if (!acceptsURL(url)) {
      return null;
    }
    CountDownLatch mine = gate;
    logins.incrementAndGet();
    try {
      mine.await();
    } catch (InterruptedException givenUp) {
      throw new SQLNonTransientConnectionException("interrupted", "08001", givenUp);
    }
    return DriverManager.getConnection(url.replace(HANGING, POSTGRES), properties);
  }
}
