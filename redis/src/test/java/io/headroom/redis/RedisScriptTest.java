package io.headroom.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisScriptTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  @Test
  void textsStandOneAfterTheOther() {
    assertThat(Link.SUM.text())
        .startsWith("local function amount()")
        .endsWith("return {redis.call('INCRBY', KEYS[1], amount())}\n");
  }

  @Test
  void redisCallsItByTheSameDigest() {
    String digest = redis.get().command("SCRIPT", "LOAD", Link.SUM.text()).text();
    assertThat(Link.SUM.digest()).isEqualTo(digest);
  }

  @Test
  void aMissingTextIsNamed() {
    assertThatThrownBy(() -> RedisScript.of(Link.class, "common", "multiply"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("multiply.lua is missing in the jar");
  }
}
