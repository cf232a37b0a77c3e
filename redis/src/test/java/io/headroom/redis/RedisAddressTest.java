package io.headroom.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What applications say of where Redis is. Nothing here needs one. */
class RedisAddressTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "somewhere",
        "http://somewhere",
        "redis://",
        "redis://a:port",
        "redis://a b",
        "redis-sentinel://a"
      })
  void whatIsNoUriIsRefused(String uri) {
    assertThatThrownBy(() -> RedisAddress.of(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + uri + "' is no URI of a Redis (")
        .hasMessageContaining("write redis://host:6379");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://cache:6379?clientName=svc@pod1",
        "redis://user:pw@cache:6379/2?timeout=1s&clientName=a@b",
        "redis-sentinel://pw@cache:6379?clientName=svc@pod1#primary"
      })
  void anOptionMayHaveAnAtSignInIt(String uri) {
    assertThat(RedisAddress.of(uri)).hasToString("cache:6379");
  }

  /** Not in the message, nor in what it was caused by. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://user:secret@",
        "redis://:secret@a:port",
        "redis://user:sec/ret@a",
        "redis://user:sec@ret@a:port",
        "redis://user:sec ret@a",
        "redis://user:sec\nret@a",
        "redis://user:sec#ret@a:x",
        "redis://user:sec?ret@a",
        "redis://sec#ret@a",
        "redis-sentinel://:sec^ret@a,b#primary",
        "http://user:secret@a"
      })
  void aPasswordIsNeverShown(String uri) {
    assertThatThrownBy(() -> RedisAddress.of(uri))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("://***@")
        .satisfies(
            failure -> {
              StringWriter all = new StringWriter();
              failure.printStackTrace(new PrintWriter(all));
              assertThat(all.toString())
                  .doesNotContain("secret", "sec/", "sec@", "sec ", "sec#", "sec?", "ret@");
            });
  }

  @Test
  void thereMustBeOne() {
    assertThatThrownBy(RedisAddress::of)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("uris must not be empty: give redis://host:port");
    assertThatThrownBy(() -> RedisAddress.of("redis://a", null))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("uri must not be null");
  }

  @Test
  void severalAreOfACluster() {
    RedisAddress several = RedisAddress.of("redis://a", "redis://b");
    assertThatThrownBy(() -> several.single(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("there are 2 URIs: for the nodes of a cluster call cluster()")
        .hasMessageContaining("give sentinels in one URI");
  }

  @Test
  void itSaysHostsAndPortsAlone() {
    assertThat(RedisAddress.of("redis://user:secret@a:7000/3")).hasToString("a:7000");
    assertThat(RedisAddress.of("rediss://:secret@a", "redis://b:1")).hasToString("a:6379,b:1");
    assertThat(RedisAddress.of("redis-sentinel://:secret@a,b:27000#primary"))
        .hasToString("a:26379,b:27000");
    assertThat(RedisAddress.of("redis://:secret@[::1]:7000")).asString().endsWith(":7000");
    assertThat(RedisAddress.of("redis-socket:///run/redis")).hasToString("/run/redis");
  }
}
