package io.headroom.redis;

import io.headroom.testkit.servers.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A way to a real server on which connections end, or hang, in the midst of their handshake: after
 * the server has said hello, and before it is told anything else.
 */
final class HandshakeBreaker implements AutoCloseable {

  /** What Lettuce 6 sends next, and what 7 may. */
  private static final Set<String> NEXT = Set.of("SETINFO", "MAINT_NOTIFICATIONS");

  private final RedisServer server;
  private final ServerSocket door;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger toBreak = new AtomicInteger();
  private volatile boolean hangs;

  HandshakeBreaker(RedisServer server) {
    this.server = server;
    try {
      door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
    run(this::accept);
  }

  String uri() {
    return "redis://127.0.0.1:" + door.getLocalPort();
  }

  /**
   * Ends all connections, and so many of those that follow, each in its handshake.
   *
   * @param hangs whether those only get no answer, until Lettuce ends them itself
   */
  void breakNext(int handshakes, boolean hangs) {
    this.hangs = hangs;
    toBreak.set(handshakes);
    open.forEach(HandshakeBreaker::end);
  }

  /** How many handshakes are to be broken yet. */
  int left() {
    return toBreak.get();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = door.accept();
      Socket there = new Socket(InetAddress.getLoopbackAddress(), server.port());
      open.add(client);
      run(() -> pass(client, there, true));
      run(() -> pass(there, client, false));
    }
  }

  private void pass(Socket from, Socket to, boolean isRequest) throws IOException {
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] some = new byte[8192];
      boolean isDropped = false;
      for (int length = in.read(some); length >= 0; length = in.read(some)) {
        String text = new String(some, 0, length, StandardCharsets.ISO_8859_1);
        if (isRequest && isToBreak(text)) {
          if (!hangs) {
            return;
          }
          isDropped = true;
        }
        if (!isDropped) {
          out.write(some, 0, length);
        }
      }
    } finally {
      open.remove(isRequest ? from : to);
    }
  }

  private boolean isToBreak(String request) {
    return NEXT.stream().anyMatch(request::contains)
        && toBreak.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  private interface Passing {
    void run() throws IOException;
  }

  private static void run(Passing passing) {
    Thread thread =
        new Thread(
            () -> {
              try {
                passing.run();
              } catch (IOException closed) {
                // as the other end, or this, is
              }
            },
            "handshake-breaker");
    thread.setDaemon(true);
    thread.start();
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  @Override
  public void close() {
    open.forEach(HandshakeBreaker::end);
    try {
      door.close();
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }
}
