package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class Stage5ShardsTest extends ShardedStageContract {

  private static long stallIn(String shard) {
    return LongStream.range(10, Stalls.COUNT)
        .filter(stall -> shardOf(stall).equals(shard))
        .findFirst()
        .orElseThrow();
  }

  @Override
  Market open() {
    return new Stage5Shards(urls(), Stalls.SIGNER, redis.get().uri());
  }

  @Test
  void anOrderIsOnTheShardOfItsStallAndTheNewestAreOfAll() throws SQLException {
    Visitor visitor = visitor("Ada");
    for (long stall = 0; stall < 6; stall++) {
      visitor.order(stall);
    }
    for (int i = 0; i < SHARDS.size(); i++) {
      String shard = SHARDS.get(i);
      assertThat(stallsWithOrders(i)).isNotEmpty().allMatch(stall -> shardOf(stall).equals(shard));
    }
    assertThat(visitor.read("/orders")).startsWith("[Order[stall=5").contains("Order[stall=0");
  }

  private static Set<Long> stallsWithOrders(int server) throws SQLException {
    Set<Long> stalls = new TreeSet<>();
    try (Connection connection = postgres.dataSource(server).getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT stall_id FROM orders")) {
      while (rows.next()) {
        stalls.add(rows.getLong(1));
      }
    }
    return stalls;
  }

  @Test
  void aShardDiesAndTheOtherServes() {
    long here = stallIn("east");
    long there = stallIn("west");
    Visitor visitor = visitor("Ada");
    visitor.order(here);
    postgres.server(1).kill();
    postgres.replicasOf(1).forEach(PostgresServer::kill);
    visitor.order(here);
    assertThat(visitor.read("/stalls/" + here)).contains("stall " + here);
    assertThat(visitor.read("/orders")).contains("Order[stall=" + here);
    assertThat(visitor.post("/stalls/" + there + "/orders").statusCode()).isEqualTo(500);
  }
}
