package io.headroom.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RedisSentinelsTest {

  @RegisterExtension static final RedisExtension<RedisSentinels> redis = RedisExtension.sentinel();

  @AfterEach
  void heal() {
    redis.heal();
    assertThat(redis.get().primary()).isEqualTo(redis.get().servers().get(0));
    assertThat(redis.get().replicas()).hasSize(2).allMatch(RedisServer::isReplica);
  }

  @Test
  void sentinelsPromoteAReplicaOfAKilledPrimaryEvenWithOneOfThemStopped() {
    RedisSentinels sentinels = redis.get();
    RedisServer primary = sentinels.primary();
    primary.command("SET", "order:7", "paid");
    sentinels.replicas().forEach(replica -> replica.awaitReplayOf(primary));
    sentinels.sentinels().get(2).stop();

    RedisServer promoted = sentinels.failOver();

    assertThat(promoted).isNotEqualTo(primary).isEqualTo(sentinels.primary());
    assertThat(promoted.isReplica()).isFalse();
    assertThat(promoted.command("GET", "order:7").text()).isEqualTo("paid");
    assertThat(sentinels.replicas()).hasSize(2).contains(primary);
    assertThat(primary.isRunning()).isFalse();
  }

  @Test
  void sentinelsPromoteAReplicaOnRequest() {
    RedisSentinels sentinels = redis.get();
    RedisServer primary = sentinels.primary();
    RedisServer promoted = sentinels.switchOver();
    assertThat(promoted).isNotEqualTo(primary).isEqualTo(sentinels.primary());
    assertThat(primary.isRunning()).isTrue();
    sentinels.flush();
  }

  @Test
  void sentinelsTellClientsOfThePrimary() {
    RedisSentinels sentinels = redis.get();
    assertThat(sentinels.uri())
        .isEqualTo(
            "redis-sentinel://127.0.0.1:%d,127.0.0.1:%d,127.0.0.1:%d?sentinelMasterId=headroom"
                .formatted(sentinels.sentinels().stream().map(RedisServer::port).toArray()));
    RedisServer sentinel = sentinels.sentinels().get(0);
    RedisReply address =
        sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", sentinels.masterName());
    assertThat(address).hasToString("[127.0.0.1, " + sentinels.primary().port() + "]");
    assertThat(sentinel.isReplica()).isFalse();
    assertThatThrownBy(sentinel::addReplica).hasMessageContaining("it is a sentinel");
  }

  @Test
  void killedSentinelsAreHealedAndTheirDeathIsTold() {
    RedisSentinels sentinels = redis.get();
    sentinels.sentinels().forEach(RedisServer::kill);
    assertThatThrownBy(sentinels::primary).hasMessageContaining("None answers of [RedisServer");
    assertThatThrownBy(() -> RedisSentinels.start(0)).hasMessageContaining("was 0");
  }
}
