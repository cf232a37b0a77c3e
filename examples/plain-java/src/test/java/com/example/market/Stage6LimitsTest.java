package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.market.Request.Kind;
import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class Stage6LimitsTest extends StageContract {

  @RegisterExtension static final PostgresExtension postgres = Stalls.servers();
  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  @BeforeAll
  static void tables() throws SQLException {
    List<String> shards = List.of("east", "west");
    for (int i = 0; i < shards.size(); i++) {
      String shard = shards.get(i);
      Stalls.make(postgres.dataSource(i), stall -> Stage5ShardsTest.shardOf(stall).equals(shard));
    }
  }

  @Override
  void prepare() {
    Stalls.awaitReplicas(postgres, 0);
    Stalls.awaitReplicas(postgres, 1);
    redis.get().flush();
  }

  @Override
  Market open() {
    return new Stage6Limits(Stage5ShardsTest.urls(postgres), Stalls.SIGNER, redis.get().uri());
  }

  @Override
  void heal() {}

  @Test
  void anAddressThatAsksTooMuchIsToldSoByBothProcessesAndOthersAreServed() throws SQLException {
    try (Market one = open();
        Market other = open()) {
      Answer last = page(one, "203.0.113.66");
      for (int i = 0; i < 10_000 && last.status() == 200; i++) {
        last = page(i % 2 == 0 ? other : one, "203.0.113.66");
      }
      assertThat(last.status()).isEqualTo(429);
      assertThat(last.retryAfter()).isPresent();
      assertThat(page(one, "198.18.0.1").status()).isEqualTo(200);
      assertThat(page(other, "198.18.0.1").status()).isEqualTo(200);
    }
  }

  private static Answer page(Market market, String address) throws SQLException {
    return market.answer(new Request(Kind.PAGE, 3, "Ada", address, ""));
  }
}
