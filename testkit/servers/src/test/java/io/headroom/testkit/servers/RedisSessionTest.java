package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes from something that is no Redis server, or from one that ends meanwhile. */
class RedisSessionTest {

  @ParameterizedTest
  @CsvSource({
    "'HTTP/1.1 200 OK|', Not a RESP2 reply: HTTP/1.1 200 OK",
    "'|', an empty line",
    "'$9|half', closed the connection",
    "'+OK', closed the connection",
    "'*2|:1|', closed the connection"
  })
  void isAnErrorThatSaysSo(String bytes, String message) throws IOException {
    try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> reply =
          CompletableFuture.runAsync(() -> answer(listener, bytes.replace("|", "\r\n")));
      assertThatThrownBy(
              () -> RedisSession.ask(listener.getLocalPort(), Duration.ofSeconds(10), "PING"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(message);
      reply.join();
    }
  }

  private static void answer(ServerSocket listener, String bytes) {
    try (Socket client = listener.accept()) {
      client.getInputStream().read(new byte[100]);
      client.getOutputStream().write(bytes.getBytes(StandardCharsets.US_ASCII));
      client.shutdownOutput();
      client.getInputStream().read();
    } catch (IOException gone) {
      // The client has seen enough.
    }
  }
}
