package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisSentinels;
import io.headroom.testkit.servers.RedisServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sentinels have another server take over, which may not have heard of everything. */
class SentinelFailoverTest {

  @RegisterExtension
  static final RedisExtension<RedisSentinels> sentinels = RedisExtension.sentinel();

  @AfterEach
  void heal() {
    sentinels.heal();
  }

  private static Pair pair() {
    return new Pair(
        new Fleet(false, sentinels.get().uri()),
        builder -> builder,
        shared -> shared.partitions(2));
  }

  @Test
  void sentinelsReplaceADeadPrimary() {
    try (Pair pair = pair()) {
      String meanwhile = pair.sharedKey();
      pair.assertSurvives(
          () -> {
            sentinels.get().primary().kill();
            pair.change(meanwhile);
            sentinels.get().failOver();
          });
      pair.awaitNew(pair.there, meanwhile);
    }
  }

  /** The old one goes on for some seconds, and what it is told then is lost. */
  @Test
  void sentinelsReplaceAPrimaryThatGoesOn() {
    try (Pair pair = pair()) {
      String meanwhile = pair.sharedKey();
      pair.assertSurvives(
          () -> {
            sentinels.get().switchOver();
            pair.change(meanwhile);
          });
      pair.awaitNew(pair.there, meanwhile);
    }
  }

  /** It ends no connection, and answers as ever; only the sentinels know better. */
  @Test
  void theOldPrimaryCannotBeMadeAReplica() {
    RedisServer old = sentinels.get().primary();
    old.command("ACL", "SETUSER", "default", "-slaveof", "-replicaof");
    try (Pair pair = pair()) {
      pair.change(pair.sharedKey());
      RedisServer now = sentinels.get().switchOver();

      Pair.eventually("the new one to be told")
          .until(
              () -> {
                long before = commands(now);
                pair.change(pair.newKey());
                return commands(now) > before;
              });
      pair.assertRecovers();
      assertThat(old.isReplica()).isFalse();
    } finally {
      old.command("ACL", "SETUSER", "default", "+slaveof", "+replicaof");
    }
  }

  /** How many scripts it has run. */
  private static long commands(RedisServer server) {
    return server
        .command("INFO", "commandstats")
        .text()
        .lines()
        .filter(line -> line.startsWith("cmdstat_evalsha:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^=]*calls=(\\d+).*", "$1")))
        .sum();
  }
}
