package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class Stage3ReplicasTest extends StageContract {

  @RegisterExtension static final PostgresExtension postgres = Stalls.servers();

  @BeforeAll
  static void tables() throws SQLException {
    Stalls.make(postgres.dataSource(0), stall -> true);
  }

  @Override
  void prepare() {
    Stalls.awaitReplicas(postgres, 0);
  }

  @Override
  Market open() {
    return new Stage3Replicas(Stalls.urls(postgres, 0), Stalls.SIGNER);
  }

  @Override
  void heal() {
    postgres.heal();
  }

  @Test
  void othersReadFromReplicasWhoeverOrderedSeesTheOrder() {
    Visitor buyer = visitor("Ada");
    int stock = stock(buyer.read("/stalls/3"));
    postgres.replicasOf(0).forEach(PostgresServer::pauseReplay);
    buyer.order(3);
    assertThat(stock(buyer.read("/stalls/3"))).isEqualTo(stock - 1);
    assertThat(stock(visitor("Bob").read("/stalls/3"))).as("replicas stand still").isEqualTo(stock);
  }

  /** A connection whose server has just died fails what it is used for next, and then no more. */
  @Test
  void aReplicaDiesAndPagesAreRead() {
    Visitor visitor = visitor("Bob");
    visitor.read("/stalls/4");
    postgres.replicasOf(0).get(0).kill();
    Awaitility.await()
        .until(
            () ->
                Stream.generate(() -> visitor.get("/stalls/4").statusCode())
                    .limit(30)
                    .allMatch(status -> status == 200));
  }

  @Test
  void thePrimaryDiesPagesAreReadAndOrdersGoOnAfterTheFailover() {
    List<PostgresServer> replicas = postgres.replicasOf(0);
    postgres.server(0).kill();
    assertThat(visitor("Bob").read("/stalls/5")).contains("stall 5");
    replicas.get(0).promote();
    replicas.get(1).follow(replicas.get(0));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> visitor("Ada").post("/stalls/5/orders").statusCode() == 200);
  }
}
