package io.headroom.benchmarks.probe;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import javax.net.SocketFactory;

/**
 * Sockets that count round trips: how often something was read after something was written. pgjdbc
 * takes them by {@code socketFactory=io.headroom.benchmarks.probe.CountingSockets}.
 */
public final class CountingSockets extends SocketFactory {
  private static final LongAdder ROUND_TRIPS = new LongAdder();

  /** Made by the driver. */
  public CountingSockets() {}

  /** All that there were yet, on all connections. */
  static long roundTrips() {
    return ROUND_TRIPS.sum();
  }

  @Override
  public Socket createSocket() {
    return new CountingSocket();
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    Socket socket = createSocket();
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    Socket socket = createSocket();
    socket.connect(new InetSocketAddress(host, port));
    return socket;
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException("the driver binds no local address");
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort) {
    throw new UnsupportedOperationException("the driver binds no local address");
  }

  private static final class CountingSocket extends Socket {
    private final AtomicBoolean unanswered = new AtomicBoolean();

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          answered();
          return super.read();
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
          answered();
          return super.read(target, offset, length);
        }
      };
    }

    private void answered() {
      if (unanswered.getAndSet(false)) {
        ROUND_TRIPS.increment();
      }
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
      return new FilterOutputStream(super.getOutputStream()) {
        @Override
        public void write(int b) throws IOException {
          unanswered.set(true);
          out.write(b);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
          unanswered.set(true);
          out.write(source, offset, length);
        }
      };
    }
  }
}
