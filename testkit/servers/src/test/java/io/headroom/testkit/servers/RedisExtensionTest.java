package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;

/** What JUnit hands to a class, and gives back at its end and at the end of all. */
class RedisExtensionTest {

  private static String script = "";

  @Order(1)
  static class First {
    @RegisterExtension static final RedisExtension<RedisServer> shared = RedisExtension.single();

    @RegisterExtension
    static final RedisExtension<RedisServer> own = RedisExtension.single().exclusive();

    @Test
    void leavesMuchBehind() {
      assertThat(own.get()).isNotEqualTo(shared.get());
      shared.get().command("SET", "a", "b");
      script = shared.get().command("SCRIPT", "LOAD", "return 1").text();
      shared.get().config("maxmemory", "1");
      shared.get().stop();
    }

    @Nested
    class Inside {
      @Test
      void aNestedClassHasTheSameServer() {
        assertThat(shared.toString()).contains("single").contains(shared.get().name());
      }
    }
  }

  @Order(2)
  static class Last {
    @RegisterExtension static final RedisExtension<RedisServer> shared = RedisExtension.single();

    @Test
    void findsNothing() {
      RedisServer server = shared.get();
      assertThat(server).isEqualTo(First.shared.get());
      assertThat(First.own.get().isRunning()).isFalse();
      assertThat(server.command("DBSIZE").integer()).isZero();
      assertThat(server.command("SCRIPT", "EXISTS", script)).hasToString("[0]");
      assertThat(server.command("CONFIG", "GET", "maxmemory")).hasToString("[maxmemory, 0]");
    }
  }

  @Test
  void aClassLeavesNothingAndSharedServersEndWithAll() {
    EngineTestKit.engine("junit-jupiter")
        .configurationParameter(
            ClassOrderer.DEFAULT_ORDER_PROPERTY_NAME, ClassOrderer.OrderAnnotation.class.getName())
        .selectors(selectClass(First.class), selectClass(Last.class))
        .execute()
        .testEvents()
        .assertStatistics(tests -> tests.succeeded(3).failed(0));
    assertThat(Last.shared.get().isRunning()).isFalse();
  }

  @Test
  void anUnregisteredExtensionSaysWhatToDo() {
    RedisExtension<RedisCluster> unregistered = RedisExtension.cluster();
    assertThatThrownBy(unregistered::get)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("static field");
  }
}
