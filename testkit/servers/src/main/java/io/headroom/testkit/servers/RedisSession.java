package io.headroom.testkit.servers;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a Redis server, which gives up on one that hangs. It speaks RESP2, as the
 * server's protocol specification has it. Not thread-safe.
 */
final class RedisSession implements AutoCloseable {

  private static final byte[] LINE_END = {'\r', '\n'};

  private final Socket socket = new Socket();
  private final InputStream replies;

  /** Connects; both to connect and each reply may take as long as the limit. */
  RedisSession(int port, Duration limit) throws IOException {
    try {
      int millis = Math.toIntExact(limit.toMillis());
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(millis);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
      replies = new BufferedInputStream(socket.getInputStream());
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
  }

  /** A refusal by the server. */
  static final class Refusal extends IOException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message);
    }
  }

  /** Sends a command and reads the reply. */
  RedisReply command(String... words) throws IOException {
    send(words);
    List<String> errors = new ArrayList<>();
    RedisReply reply = read(errors);
    if (!errors.isEmpty()) {
      throw new Refusal(String.join("; ", errors));
    }
    return reply;
  }

  /** Sends a command without waiting for the reply. */
  void send(String... words) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(("*" + words.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
    for (String word : words) {
      byte[] content = word.getBytes(StandardCharsets.UTF_8);
      bytes.writeBytes(("$" + content.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
      bytes.writeBytes(content);
      bytes.writeBytes(LINE_END);
    }
    socket.getOutputStream().write(bytes.toByteArray());
  }

  /** Reads one reply to its end, and collects what in it is an error. */
  private RedisReply read(List<String> errors) throws IOException {
    String line = line();
    String rest = line.substring(1);
    return switch (line.charAt(0)) {
      case '+' -> RedisReply.of(rest);
      case ':' -> RedisReply.of(Long.parseLong(rest));
      case '$' -> bulk(Integer.parseInt(rest));
      case '*' -> array(Integer.parseInt(rest), errors);
      case '-' -> {
        errors.add(rest);
        yield RedisReply.of(rest);
      }
      default -> throw new IOException("Not a RESP2 reply: " + line);
    };
  }

  private RedisReply bulk(int length) throws IOException {
    if (length < 0) {
      return RedisReply.nil();
    }
    byte[] content = exactly(length);
    exactly(LINE_END.length);
    return RedisReply.of(new String(content, StandardCharsets.UTF_8));
  }

  private RedisReply array(int length, List<String> errors) throws IOException {
    if (length < 0) {
      return RedisReply.nil();
    }
    List<RedisReply> elements = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      elements.add(read(errors));
    }
    return RedisReply.of(elements);
  }

  private byte[] exactly(int length) throws IOException {
    byte[] content = replies.readNBytes(length);
    if (content.length < length) {
      throw closed();
    }
    return content;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = replies.read();
    while (next != '\r') {
      if (next < 0) {
        throw closed();
      }
      line.write(next);
      next = replies.read();
    }
    exactly(1);
    if (line.size() == 0) {
      throw new IOException("Not a RESP2 reply: an empty line");
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private static EOFException closed() {
    return new EOFException("the server has closed the connection");
  }

  /** Sends one command on a connection of its own. */
  static RedisReply ask(int port, Duration limit, String... words) throws IOException {
    try (RedisSession session = new RedisSession(port, limit)) {
      return session.command(words);
    }
  }

  /** The value of a line {@code name:value}, as INFO and CLUSTER INFO have them. */
  static @Nullable String field(String info, String name) {
    return info.lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1))
        .findFirst()
        .orElse(null);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException failure) {
      // The descriptor is given back all the same.
    }
  }
}
