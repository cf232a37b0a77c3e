package io.headroom.routing;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The driver connections of one node that have been borrowed, known by identity and forgotten with
 * them. A pool that wraps its connections anew at every borrow, and does not unwrap to {@link
 * Connection}, has each looked at as if it were new: correct, at the price of round trips.
 * Thread-safe.
 */
final class PhysicalSessions {

  private final ConcurrentMap<Object, PhysicalSession> sessions = new ConcurrentHashMap<>();
  private final ReferenceQueue<Connection> gone = new ReferenceQueue<>();

  /** The session of a borrowed connection, the same each time. */
  PhysicalSession of(Connection borrowed) throws SQLException {
    Connection physical = borrowed.unwrap(Connection.class);
    PhysicalSession known = sessions.get(new Sought(physical));
    if (known != null) {
      return known;
    }
    forgetGone();
    PhysicalSession session = new PhysicalSession();
    sessions.put(new Remembered(physical, gone), session);
    return session;
  }

  private void forgetGone() {
    for (Reference<?> dead = gone.poll(); dead != null; dead = gone.poll()) {
      sessions.remove(dead);
    }
  }

  /** For tests. */
  int size() {
    forgetGone();
    return sessions.size();
  }

  /** A connection to look up. */
  private static final class Sought {

    private final Connection connection;

    Sought(Connection connection) {
      this.connection = connection;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(connection);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Remembered remembered && remembered.refersTo(connection);
    }
  }

  /** A connection that is remembered as long as its pool holds it. */
  private static final class Remembered extends WeakReference<Connection> {

    private final int hash;

    Remembered(Connection connection, ReferenceQueue<Connection> gone) {
      super(connection, gone);
      this.hash = System.identityHashCode(connection);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // one for each connection, so identity is equality
    public boolean equals(@Nullable Object other) {
      return this == other;
    }
  }
}
