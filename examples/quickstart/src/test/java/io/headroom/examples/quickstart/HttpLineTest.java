package io.headroom.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** That answers are read as they are, however they come over the network. */
class HttpLineTest {

  private static final Ask ASK = Ask.get("/users/1", "10.0.0.1", "seen=x");

  @Test
  void anAnswerMayComeInPieces() throws Exception {
    String cookie = "a".repeat(20_000); // more than a buffer
    List<String> pieces =
        List.of(
            "HTTP/1.1 503 \r",
            "\nRetry-After: 2\r\nSet-Cookie: seen=" + cookie + "; Path=/\r\nContent-",
            "Length: 4\r\nConnection: close\r\n\r",
            "\nö",
            "ab");
    try (ServerSocket server = server();
        HttpLine line = new HttpLine(server.getLocalPort())) {
      CompletableFuture<Void> answering = answer(server, pieces);
      Answer answer = line.exchange(ASK);
      answering.join();
      assertThat(answer.status()).isEqualTo(503);
      assertThat(answer.comeBack()).hasValue(2);
      assertThat(answer.cookie()).hasValue("seen=" + cookie);
      assertThat(answer.body()).isEqualTo("öab");
      assertThat(answer.endsTheLine()).isTrue();
    }
  }

  @Test
  void halfAnAnswerIsNone() throws Exception {
    try (ServerSocket server = server();
        HttpLine line = new HttpLine(server.getLocalPort())) {
      var unused = answer(server, List.of("HTTP/1.1 200 \r\nContent-Length: 9\r\n\r\nhalf"));
      assertThatThrownBy(() -> line.exchange(ASK)).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void whatHasNoLengthIsNotGuessed() throws Exception {
    try (ServerSocket server = server();
        HttpLine line = new HttpLine(server.getLocalPort())) {
      var unused = answer(server, List.of("HTTP/1.1 200 \r\n\r\n"));
      assertThatThrownBy(() -> line.exchange(ASK))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("unknown length");
    }
  }

  private static ServerSocket server() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  /** Reads a request, and sends pieces, each as a packet of its own. */
  private static CompletableFuture<Void> answer(ServerSocket server, List<String> pieces) {
    return CompletableFuture.runAsync(
        () -> {
          try (Socket socket = server.accept()) {
            socket.setTcpNoDelay(true);
            StringBuilder request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
              request.append((char) socket.getInputStream().read());
            }
            assertThat(request)
                .startsWith("GET /users/1 HTTP/1.1\r\n")
                .contains("\r\nX-Forwarded-For: 10.0.0.1\r\n", "\r\nCookie: seen=x\r\n");
            OutputStream out = socket.getOutputStream();
            for (String piece : pieces) {
              out.write(piece.getBytes(StandardCharsets.UTF_8));
              out.flush();
            }
          } catch (IOException failure) {
            throw new IllegalStateException(failure);
          }
        });
  }
}
