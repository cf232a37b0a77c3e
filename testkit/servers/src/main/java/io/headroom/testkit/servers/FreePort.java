package io.headroom.testkit.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Picks TCP ports that nobody listens on.
 *
 * <p>Below the ports that operating systems give to outgoing connections (from 32768 on Linux,
 * 49152 on macOS): a client that retries against a killed server in that range would sooner or
 * later get the server's port as its own and be connected to itself. Chosen at random, so that JVMs
 * which start at the same time seldom choose the same.
 */
final class FreePort {

  private static final int FIRST = 15_000;
  private static final int LAST = 31_999;
  private static final int ATTEMPTS = 200;

  private FreePort() {}

  static int find() {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
      if (isFree(port)) {
        return port;
      }
    }
    throw new ServerException(
        "No free port between " + FIRST + " and " + LAST + " in " + ATTEMPTS + " attempts");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
