package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresExtension;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What every stage does, over HTTP; and the servers, which are whole and caught up before each. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class StageContract {

  /** All test classes share these servers. */
  @RegisterExtension
  static final PostgresExtension postgres = PostgresExtension.servers(2).replicas(2);

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private Market market;
  private HttpFront front;

  abstract Market open();

  /** Makes the tables: here with all stalls on the first primary. */
  @BeforeAll
  void tables() throws SQLException {
    Stalls.make(postgres.dataSource(0), stall -> true);
  }

  @BeforeEach
  final void start() {
    Stalls.awaitReplicas(postgres, 0);
    Stalls.awaitReplicas(postgres, 1);
    redis.get().flush();
    market = open();
    front = new HttpFront(market);
  }

  @AfterEach
  final void stop() {
    front.close();
    market.close();
    postgres.heal();
  }

  final Visitor visitor(String name) {
    return new Visitor(front, name);
  }

  @Test
  final void aVisitorReadsAPageOrdersAndSeesItAtOnce() {
    Visitor visitor = visitor("Ada");
    int stock = stock(visitor.read("/stalls/7"));
    String order = visitor.order(7);
    assertThat(stock(visitor.read("/stalls/7"))).isEqualTo(stock - 1);
    assertThat(visitor.read("/stalls/7/orders"))
        .contains("Order[stall=7, id=" + order + ", buyer=Ada");
    assertThat(visitor.read("/orders")).startsWith("[Order[stall=7, id=" + order + ", buyer=Ada");
  }

  @Test
  final void aStallThatIsNotThereIsNotFound() {
    assertThat(visitor("Ada").get("/stalls/4711").statusCode()).isEqualTo(404);
    assertThat(visitor("Ada").post("/stalls/4711/orders").statusCode()).isEqualTo(404);
  }

  static int stock(String page) {
    return Integer.parseInt(page.replaceAll(".*stock=(\\d+).*", "$1"));
  }
}
