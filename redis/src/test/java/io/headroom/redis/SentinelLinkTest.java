package io.headroom.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisSentinels;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sentinels say who is the primary, and have another one take over. */
class SentinelLinkTest {

  @RegisterExtension
  static final RedisExtension<RedisSentinels> sentinels = RedisExtension.sentinel();

  private final ThreadLeaks leaks = ThreadLeaks.watch("lettuce-");
  private Link link;

  @BeforeEach
  void begin() {
    link = Link.single(sentinels.get().uri()).connected();
  }

  @AfterEach
  void end() {
    link.close();
    sentinels.heal();
    leaks.assertNone();
  }

  /** As libraries do when other servers are in charge. */
  private void awaitRenewed(int before) {
    link.awaitTicking(
        "another primary to be heard of",
        () -> link.clients.topology() != 0 && link.clients.topology() != before);
    assertThat(link.clients.staysBehind()).isTrue();
    link.commands.renew();
  }

  private int known() {
    link.awaitTicking("the primary to be heard of", () -> link.clients.topology() != 0);
    return link.clients.topology();
  }

  private void awaitWrites(RedisServer primary) {
    link.awaitTicking(
        "writes to get there",
        () -> link.answers("there") && !primary.command("GET", "there").isNil());
  }

  @Test
  void itSpeaksToThePrimary() {
    awaitWrites(sentinels.get().primary());
    assertThat(link.clients.isCluster()).isFalse();
    int before = known();
    for (int i = 0; i < 10; i++) {
      link.tick();
    }
    assertThat(link.clients.topology()).isEqualTo(before);
  }

  @Test
  void sentinelsReplaceADeadPrimary() {
    int before = known();
    RedisServer next = sentinels.get().failOver();
    awaitRenewed(before);
    awaitWrites(next);
  }

  /** It ends no connection, and answers as ever. */
  @Test
  void sentinelsReplaceAPrimaryThatIsNotTold() {
    RedisServer old = sentinels.get().primary();
    old.command("ACL", "SETUSER", "default", "-slaveof", "-replicaof");
    try {
      int before = known();
      RedisServer next = sentinels.get().switchOver();
      assertThat(link.answers("stays")).as("until somebody tells it").isTrue();
      awaitRenewed(before);
      awaitWrites(next);
    } finally {
      old.command("ACL", "SETUSER", "default", "+slaveof", "+replicaof");
    }
  }

  /** Whichever it has asked: the next one is. */
  @Test
  void aSentinelThatIsGoneIsReplaced() {
    int before = known();
    sentinels.get().sentinels().get(0).kill();
    RedisServer next = sentinels.get().switchOver();
    awaitRenewed(before);
    awaitWrites(next);
  }
}
