package io.headroom.testkit.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A TCP proxy between a client and a server, which makes the network between them bad on demand.
 *
 * <pre>{@code
 * try (FaultProxy proxy = FaultProxy.to(server)) {
 *   DataSource orders = pool("127.0.0.1", proxy.port());
 *   proxy.latency(Duration.ofMillis(20));
 *   proxy.blackHole(FaultProxy.Direction.TO_CLIENT); // COMMIT arrives, its answer does not
 *   proxy.heal();
 * }
 * }</pre>
 *
 * <p>It listens on 127.0.0.1. Faults add up, hold for open and new connections unless stated, and
 * last until {@link #heal}. It knows no protocol, so it serves for other servers as well.
 *
 * <p>What it cannot do: lose packets (TCP would send them again), or let a connection attempt hang,
 * which the operating system accepts in its stead. If the server refuses a connection, the client's
 * is reset. Beyond 1,000 connections at a time, further ones are reset. Thread-safe; each
 * connection has two daemon threads.
 */
public final class FaultProxy implements AutoCloseable {

  /** Which way bytes go. */
  public enum Direction {
    /** What the client sends: requests. */
    TO_SERVER,
    /** What the server sends: answers. */
    TO_CLIENT,
    /** Both of them. */
    BOTH
  }

  private static final int MAX_CONNECTIONS = 1_000;
  private static final int MAX_PORT = 65_535;
  private static final int BIND_ATTEMPTS = 5;
  private static final int BACKLOG = 128;
  private static final long ACCEPT_PAUSE_NANOS = 10_000_000;
  private static final Duration END_LIMIT = Duration.ofSeconds(10);

  private final Faults faults = new Faults();
  private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
  private final int port;
  private final PortClaim claim;
  private volatile InetSocketAddress target;
  private ServerSocket listener;
  private Thread acceptor;
  private boolean closed;

  private FaultProxy(InetSocketAddress target) {
    this.target = target;
    Bound bound = bindOneOfSeveral();
    this.listener = bound.listener();
    this.claim = bound.claim();
    this.port = listener.getLocalPort();
    this.acceptor = accept(listener);
  }

  /**
   * Starts a proxy to a server.
   *
   * @param host the server's host name or address, looked up anew for each connection
   * @param port the server's port
   * @return a running proxy without faults
   * @throws IllegalArgumentException if the port is not from 1 to 65,535
   * @throws UncheckedIOException if no port can be listened on
   */
  public static FaultProxy to(String host, int port) {
    return new FaultProxy(address(host, port));
  }

  /**
   * Starts a proxy to a server of this kit.
   *
   * @param server the server, which need not be running
   * @return a running proxy without faults
   * @throws UncheckedIOException if no port can be listened on
   */
  public static FaultProxy to(PostgresServer server) {
    return to("127.0.0.1", server.port());
  }

  /**
   * Starts a proxy to a Redis server of this kit. A cluster and sentinels tell clients the servers'
   * own addresses, which lead past the proxy.
   *
   * @param server the server, which need not be running
   * @return a running proxy without faults
   * @throws UncheckedIOException if no port can be listened on
   */
  public static FaultProxy to(RedisServer server) {
    return to("127.0.0.1", server.port());
  }

  /**
   * Returns the port on 127.0.0.1 that clients connect to.
   *
   * @return the port, the same for the proxy's life
   */
  public int port() {
    return port;
  }

  /**
   * Returns how many connections are open.
   *
   * @return those whose client or server has not ended them yet
   */
  public int connections() {
    return connections.size();
  }

  /**
   * Makes each round trip take longer: what the server sends arrives that much later, as much of it
   * at a time as before.
   *
   * @param latency how much later; zero for none
   * @throws IllegalArgumentException if it is negative
   */
  public void latency(Duration latency) {
    faults.latency(nanos("latency", latency));
  }

  /**
   * Makes the latency vary: what the server sends arrives by up to that much later than {@link
   * #latency} says, in order nevertheless.
   *
   * @param jitter the upper bound of a uniform distribution; zero for none
   * @throws IllegalArgumentException if it is negative
   */
  public void jitter(Duration jitter) {
    faults.jitter(nanos("jitter", jitter));
  }

  /**
   * Makes the network narrow: limits each connection, in each direction for itself.
   *
   * @param bytesPerSecond the limit, at least 1
   * @throws IllegalArgumentException if it is below 1
   */
  public void bandwidth(long bytesPerSecond) {
    if (bytesPerSecond < 1) {
      throw new IllegalArgumentException(
          "bandwidth must be at least 1 byte a second, was "
              + bytesPerSecond
              + ": for none at all, call blackHole");
    }
    faults.bandwidth(bytesPerSecond);
  }

  /**
   * Makes bytes stay on the way, and the end of a connection too: connections are open, new ones
   * are accepted, nothing arrives. At {@link #heal} all of it arrives, as when a network is mended
   * before TCP has given up. A second call adds its direction to the first.
   *
   * @param direction which bytes
   */
  public void blackHole(Direction direction) {
    faults.hold(direction);
  }

  /**
   * Makes new connections be refused, as where no server listens. Open ones go on.
   *
   * @throws IllegalStateException if the proxy is closed
   */
  public synchronized void refuse() {
    requireOpen();
    stopListening();
  }

  /**
   * Ends all connections in order (FIN), to the client and to the server. New ones are accepted.
   */
  public void closeAll() {
    connections.forEach(ProxiedConnection::end);
  }

  /** Breaks all connections off (RST), to the client and to the server. New ones are accepted. */
  public void resetAll() {
    connections.forEach(ProxiedConnection::reset);
  }

  /**
   * Sends new connections elsewhere, as if the name of the server had got another address. Open
   * ones stay where they are, even through {@link #heal}.
   *
   * @param host the other server's host name or address
   * @param otherPort the other server's port
   * @throws IllegalArgumentException if the port is not from 1 to 65,535
   */
  public void retarget(String host, int otherPort) {
    target = address(host, otherPort);
  }

  /**
   * Ends all faults: no latency, jitter or limit, nothing held back, new connections accepted. What
   * was on its way arrives.
   *
   * @throws IllegalStateException if the proxy is closed
   * @throws UncheckedIOException if another process has taken the port after {@link #refuse}
   */
  public synchronized void heal() {
    requireOpen();
    faults.clear();
    if (listener.isClosed()) {
      try {
        listener = listen(port);
      } catch (IOException failure) {
        throw new UncheckedIOException("Cannot listen on port " + port + " again", failure);
      }
      acceptor = accept(listener);
    }
  }

  /** Ends all connections and threads, and gives back the port. Does nothing if that is done. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      try {
        stopListening();
      } finally {
        claim.close();
      }
    }
    closeAll();
    Await.within(END_LIMIT, threads::isEmpty);
  }

  private synchronized void requireOpen() {
    if (closed) {
      throw new IllegalStateException(this + " is closed: start another with FaultProxy.to");
    }
  }

  /** The socket listens on until the thread that waits in its accept has left it. */
  private void stopListening() {
    try {
      listener.close();
    } catch (IOException failure) {
      throw new UncheckedIOException("Cannot close " + listener, failure);
    }
    Await.within(END_LIMIT, () -> !acceptor.isAlive());
  }

  private Thread accept(ServerSocket listening) {
    return start(
        "acceptor",
        () -> {
          while (!listening.isClosed()) {
            try {
              adopt(listening.accept());
            } catch (IOException refusedOrOutOfFiles) {
              LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
            }
          }
        });
  }

  /** Called by the one acceptor, which has ended before {@link #close} ends the connections. */
  private void adopt(Socket client) {
    ProxiedConnection connection = new ProxiedConnection(client, faults, connections::remove);
    if (connections.size() >= MAX_CONNECTIONS) {
      connection.reset();
      return;
    }
    connections.add(connection);
    start(
        "to-server",
        () -> {
          if (connection.dial(target)) {
            start("to-client", connection::carryToClient);
            connection.carryToServer();
          }
        });
  }

  private Thread start(String name, Runnable work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } finally {
                threads.remove(Thread.currentThread());
              }
            },
            "fault-proxy-" + port + "-" + name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
    return thread;
  }

  private record Bound(ServerSocket listener, PortClaim claim) {}

  private static Bound bindOneOfSeveral() {
    for (int attempt = 1; true; attempt++) {
      try {
        ServerSocket listener = listen(FreePort.find());
        try {
          return new Bound(listener, PortClaim.of(listener.getLocalPort()));
        } catch (IOException claimed) {
          listener.close();
          throw claimed;
        }
      } catch (IOException taken) {
        if (attempt == BIND_ATTEMPTS) {
          throw new UncheckedIOException("Cannot listen on 127.0.0.1", taken);
        }
      }
    }
  }

  private static ServerSocket listen(int port) throws IOException {
    return new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
  }

  private static InetSocketAddress address(String host, int port) {
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("port must be 1 to " + MAX_PORT + ", was " + port);
    }
    return InetSocketAddress.createUnresolved(host, port);
  }

  private static long nanos(String what, Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException(what + " must not be negative, as " + duration + " is");
    }
    return duration.toNanos();
  }

  @Override
  public String toString() {
    return "FaultProxy[127.0.0.1:"
        + port
        + " to "
        + target.getHostString()
        + ":"
        + target.getPort()
        + ", "
        + connections()
        + " open, "
        + faults
        + "]";
  }
}
