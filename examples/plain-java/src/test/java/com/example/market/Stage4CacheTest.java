package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class Stage4CacheTest extends StageContract {

  @Override
  Market open() {
    return new Stage4Cache(Stalls.urls(postgres, 0), Stalls.SIGNER, redis.get().uri());
  }

  @Test
  void aPageIsServedWithoutTheDatabaseByThisProcessAndTheOther() {
    try (Market other = open();
        HttpFront otherFront = new HttpFront(other)) {
      String page = visitor("Ada").read("/stalls/3");
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(redis.get().command("KEYS", "{page:*}:3").toString()).contains(":3"));
      postgres.server(0).kill();
      postgres.replicasOf(0).forEach(PostgresServer::kill);
      assertThat(visitor("Bob").read("/stalls/3")).isEqualTo(page);
      assertThat(new Visitor(otherFront, "Eve").read("/stalls/3")).isEqualTo(page);
    }
  }

  @Test
  void anOrderChangesThePageInBothProcesses() {
    try (Market other = open();
        HttpFront otherFront = new HttpFront(other)) {
      int stock = stock(visitor("Ada").read("/stalls/4"));
      assertThat(stock(new Visitor(otherFront, "Eve").read("/stalls/4"))).isEqualTo(stock);
      visitor("Ada").order(4);
      assertThat(stock(visitor("Bob").read("/stalls/4"))).isEqualTo(stock - 1);
      Awaitility.await()
          .until(() -> stock(new Visitor(otherFront, "Eve").read("/stalls/4")) == stock - 1);
    }
  }
}
