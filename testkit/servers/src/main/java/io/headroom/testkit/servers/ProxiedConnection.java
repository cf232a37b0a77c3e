package io.headroom.testkit.servers;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A client's connection to a {@link FaultProxy}, and the one to the server. Thread-safe. */
final class ProxiedConnection {

  private static final int CONNECT_LIMIT_MILLIS = 10_000;
  private static final int DIRECTIONS = 2;

  private final Socket client;
  private final Socket server = new Socket();
  private final Faults faults;
  private final Consumer<ProxiedConnection> whenClosed;
  private final AtomicInteger ended = new AtomicInteger();

  ProxiedConnection(Socket client, Faults faults, Consumer<ProxiedConnection> whenClosed) {
    this.client = client;
    this.faults = faults;
    this.whenClosed = whenClosed;
  }

  /** Connects to the server; if that fails, the client's connection is reset. */
  boolean dial(InetSocketAddress target) {
    try {
      faults.awaitPassage(FaultProxy.Direction.TO_SERVER, client::isClosed);
      client.setTcpNoDelay(true);
      server.connect(
          new InetSocketAddress(target.getHostString(), target.getPort()), CONNECT_LIMIT_MILLIS);
      server.setTcpNoDelay(true);
      return true;
    } catch (IOException failure) {
      reset();
      return false;
    }
  }

  void carryToServer() {
    carry(new Pump(FaultProxy.Direction.TO_SERVER, client, server, faults));
  }

  void carryToClient() {
    carry(new Pump(FaultProxy.Direction.TO_CLIENT, server, client, faults));
  }

  private void carry(Pump pump) {
    try {
      pump.carry();
      if (ended.incrementAndGet() == DIRECTIONS) {
        close();
      }
    } catch (IOException broken) {
      reset(); // Nothing happens if it was closed from here.
    }
  }

  /** Ends it in order, to both sides. */
  void end() {
    for (Socket socket : new Socket[] {client, server}) {
      try {
        socket.shutdownOutput();
        // Closed with bytes unread, a socket sends a reset.
        socket.getInputStream().skip(socket.getInputStream().available());
      } catch (IOException gone) {
        // Then there is nothing to end.
      }
    }
    close();
  }

  /** Breaks it off, to both sides. */
  void reset() {
    for (Socket socket : new Socket[] {client, server}) {
      try {
        socket.setSoLinger(true, 0); // A close then discards what is unsent, and sends RST.
      } catch (IOException closed) {
        // Then there is nothing to break off.
      }
    }
    close();
  }

  private void close() {
    for (Socket socket : new Socket[] {client, server}) {
      try {
        socket.close();
      } catch (IOException failure) {
        // The descriptor is given back all the same.
      }
    }
    whenClosed.accept(this);
  }
}
