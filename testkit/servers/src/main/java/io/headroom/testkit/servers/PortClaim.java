package io.headroom.testkit.servers;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Keeps a TCP port for a server that does not listen on it now and then: while it is killed and
 * started again, no other JVM that looks for a port is to find that one free.
 *
 * <p>What is held is the UDP port of the same number, which no server here uses, and which the
 * operating system gives back when the JVM ends, however it does.
 */
final class PortClaim implements AutoCloseable {

  private final DatagramSocket held;

  private PortClaim(DatagramSocket held) {
    this.held = held;
  }

  /**
   * Claims a port.
   *
   * @throws IOException if it is claimed already
   */
  static PortClaim of(int port) throws IOException {
    return new PortClaim(
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
  }

  /** Lets others have it. */
  @Override
  public void close() {
    held.close();
  }
}
