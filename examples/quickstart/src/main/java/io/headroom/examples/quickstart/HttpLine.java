package io.headroom.examples.quickstart;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A kept connection to a service, as a load balancer has some: one request of HTTP/1.1 after the
 * other. No more than is needed here, on cores that the services need too. For one thread at a
 * time; of no use any more once something was thrown.
 */
final class HttpLine implements AutoCloseable {

  private static final Duration LONGEST_ANSWER = Duration.ofSeconds(20);
  private static final byte[] END_OF_HEAD = {'\r', '\n', '\r', '\n'};

  private final Socket socket = new Socket();
  private final InputStream in;
  private byte[] buffer = new byte[8 * 1024];
  private int filled;

  HttpLine(int port) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) LONGEST_ANSWER.toMillis());
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
    in = socket.getInputStream();
  }

  Answer exchange(Ask ask) throws IOException {
    StringBuilder head = new StringBuilder(512);
    head.append(ask.method()).append(' ').append(ask.path()).append(" HTTP/1.1\r\n");
    head.append("Host: quickstart\r\nX-Forwarded-For: ").append(ask.address()).append("\r\n");
    if (ask.cookie() != null) {
      head.append("Cookie: ").append(ask.cookie()).append("\r\n");
    }
    if (!ask.method().equals("GET")) {
      head.append("Content-Length: 0\r\n");
    }
    head.append("\r\n");
    socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
    filled = 0;
    return answer();
  }

  private Answer answer() throws IOException {
    int endOfHead = -1;
    while (endOfHead < 0) {
      int before = filled;
      fill();
      endOfHead = endOfHead(Math.max(0, before - END_OF_HEAD.length));
    }
    String[] lines =
        new String(buffer, 0, endOfHead, StandardCharsets.ISO_8859_1).split("\r\n", -1);
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      headers.put(
          lines[i].substring(0, colon).toLowerCase(Locale.ROOT),
          lines[i].substring(colon + 1).strip());
    }
    String length = headers.get("content-length");
    if (length == null) {
      throw new IOException("an answer of unknown length: " + lines[0]);
    }
    int begin = endOfHead + END_OF_HEAD.length;
    int end = begin + Integer.parseInt(length);
    while (filled < end) {
      fill();
    }
    return new Answer(
        Integer.parseInt(lines[0].substring(9, 12)),
        headers,
        new String(buffer, begin, end - begin, StandardCharsets.UTF_8));
  }

  private void fill() throws IOException {
    if (filled == buffer.length) {
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
    int read = in.read(buffer, filled, buffer.length - filled);
    if (read < 0) {
      throw new EOFException("the service has closed the connection");
    }
    filled += read;
  }

  private int endOfHead(int from) {
    for (int i = from; i + END_OF_HEAD.length <= filled; i++) {
      if (Arrays.equals(buffer, i, i + END_OF_HEAD.length, END_OF_HEAD, 0, END_OF_HEAD.length)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException gone) {
      // closed is what it was to be
    }
  }
}
