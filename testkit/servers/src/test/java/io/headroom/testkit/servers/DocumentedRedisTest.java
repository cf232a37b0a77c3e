package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the README shows of Redis, run. */
class DocumentedRedisTest {

  // snippet: servers-redis
  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  @AfterEach
  void heal() {
    redis.heal(); // it runs, answers, and has the settings of the start
  }

  @Test
  void aFullServerRefusesWritesAndARestartedOneIsEmpty() {
    RedisServer server = redis.get(); // redis://127.0.0.1:<port> is server.uri()
    server.command("SET", "order:7", "paid");
    server.config("maxmemory", "1");
    assertThatThrownBy(() -> server.command("SET", "order:8", "open")).hasMessageContaining("OOM");

    server.stop(); // hangs (SIGSTOP); sleep(Duration) does so for a time, as a slow script would
    server.resume();
    assertThat(server.command("GET", "order:7").text()).isEqualTo("paid");

    server.kill(); // SIGKILL
    server.restart(); // same port, no data
    assertThat(server.command("GET", "order:7").isNil()).isTrue();
  }

  // end snippet
}
