package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A port stays a server's while the server is away. */
class PortClaimTest {

  @Test
  void aClaimedPortIsNotFree() throws IOException {
    int port = FreePort.find();
    try (PortClaim claim = PortClaim.of(port)) {
      assertThat(claim).isNotNull();
      assertThat(FreePort.isFree(port)).isFalse();
      assertThatThrownBy(() -> PortClaim.of(port)).isInstanceOf(IOException.class);
    }
    assertThat(FreePort.isFree(port)).isTrue();
  }

  @Test
  void aKilledServerKeepsItsPort() {
    int port;
    try (RedisServer server = RedisServer.start()) {
      port = server.port();
      server.kill();
      assertThat(FreePort.isFree(port)).isFalse();
      server.restart();
    }
    assertThat(FreePort.isFree(port)).isTrue();
  }

  @Test
  void aProxyThatRefusesKeepsItsPort() {
    int port;
    try (FaultProxy proxy = FaultProxy.to("127.0.0.1", FreePort.find())) {
      port = proxy.port();
      proxy.refuse();
      assertThat(FreePort.isFree(port)).isFalse();
      proxy.heal();
    }
    assertThat(FreePort.isFree(port)).isTrue();
  }
}
