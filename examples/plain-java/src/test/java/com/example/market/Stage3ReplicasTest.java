package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.testkit.servers.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class Stage3ReplicasTest extends StageContract {

  /** Reads of each reader before a replica dies, and after it. */
  private static final int BEFORE = 30;

  private static final int AFTER = 100;

  private final AtomicBoolean killed = new AtomicBoolean();

  @Override
  Market open() {
    return new Stage3Replicas(Stalls.urls(postgres, 0), Stalls.SIGNER);
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

  /** Those as well whose connection has died under them: they are run again elsewhere. */
  @Test
  void aReplicaDiesAndEveryReadIsServed() {
    List<String> paths = List.of("/stalls/4", "/stalls/4/orders", "/orders", "/stalls/5");
    List<AtomicInteger> reads = paths.stream().map(path -> new AtomicInteger()).toList();
    List<CompletableFuture<Void>> readers = new ArrayList<>();
    ExecutorService threads = Executors.newFixedThreadPool(paths.size());
    try {
      for (int i = 0; i < paths.size(); i++) {
        String path = paths.get(i);
        AtomicInteger count = reads.get(i);
        readers.add(CompletableFuture.runAsync(() -> readAround(path, count), threads));
      }
      Awaitility.await()
          .until(
              () ->
                  reads.stream().allMatch(count -> count.get() >= BEFORE)
                      || readers.stream().anyMatch(CompletableFuture::isDone)); // by a failure
      postgres.replicasOf(0).get(0).kill();
      killed.set(true);
      readers.forEach(CompletableFuture::join);
    } finally {
      killed.set(true);
      threads.shutdown();
    }
    assertThat(reads).allMatch(count -> count.get() >= BEFORE + AFTER);
  }

  /** Reads until the replica is dead, and then so many times more. All are served. */
  private void readAround(String path, AtomicInteger reads) {
    Visitor visitor = visitor("reader of " + path);
    for (int after = 0; after < AFTER; after += killed.get() ? 1 : 0) {
      visitor.read(path);
      reads.incrementAndGet();
    }
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
