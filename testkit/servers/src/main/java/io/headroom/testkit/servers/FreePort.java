package io.headroom.testkit.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntPredicate;

/**
 * Picks TCP ports that nobody listens on or has {@link PortClaim claimed}.
 *
 * <p>Below the ports that operating systems give to outgoing connections (from 32768 on Linux,
 * 49152 on macOS): a client that retries against a killed server in that range would sooner or
 * later get the server's port as its own and be connected to itself. Chosen at random, so that JVMs
 * which start at the same time seldom choose the same.
 */
final class FreePort {

  private static final int FIRST = 15_000;

  /** Below those of cluster's buses: the bus of a node that is away is nobody else's. */
  private static final int LAST = 24_999;

  private static final int LAST_WITH_BUS = 21_999;
  private static final int ATTEMPTS = 200;

  /** How far the port of Redis Cluster's bus lies above the one for clients. */
  private static final int BUS_DISTANCE = 10_000;

  private FreePort() {}

  static int find() {
    return find(LAST, FreePort::isFree);
  }

  /** Finds a port above which that of the cluster's bus is free, and low enough, too. */
  static int findWithBus() {
    return find(LAST_WITH_BUS, port -> isFree(port) && isFree(port + BUS_DISTANCE));
  }

  private static int find(int last, IntPredicate isGood) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, last + 1);
      if (isGood.test(port)) {
        return port;
      }
    }
    throw new ServerException(
        "No free port between " + FIRST + " and " + last + " in " + ATTEMPTS + " attempts");
  }

  /** Whether nobody listens on it, and none that is away for now has claimed it. */
  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket();
        PortClaim claim = PortClaim.of(port)) {
      Objects.requireNonNull(claim);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException taken) {
      return false;
    }
  }
}
