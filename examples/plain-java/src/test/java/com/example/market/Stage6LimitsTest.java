package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.market.Request.Kind;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class Stage6LimitsTest extends ShardedStageContract {

  @Override
  Market open() {
    return new Stage6Limits(urls(), Stalls.SIGNER, redis.get().uri());
  }

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
