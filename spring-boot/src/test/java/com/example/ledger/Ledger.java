package com.example.ledger;

import io.headroom.spring.boot.ShardKey;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.scheduling.annotation.Async;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Knows nothing of shards but which parameter has the key. */
@Service
public class Ledger {

  private final JdbcTemplate jdbc;
  private final ObjectProvider<Ledger> self;

  Ledger(JdbcTemplate jdbc, ObjectProvider<Ledger> self) {
    this.jdbc = jdbc;
    this.self = self;
  }

  // snippet: shard-key-parameter
  @Transactional
  public void add(@ShardKey long userId, String text) {
    jdbc.update("INSERT INTO entry VALUES (?, ?)", userId, text);
  }

  // end snippet

  /** In the scope of whoever asks. */
  @Transactional
  public void addMine(long userId, String text) {
    jdbc.update("INSERT INTO entry VALUES (?, ?)", userId, text);
  }

  @Transactional(readOnly = true)
  public List<String> mine() {
    return jdbc.queryForList("SELECT text FROM entry ORDER BY text", String.class);
  }

  @Async
  public CompletableFuture<List<String>> mineLater() {
    return CompletableFuture.completedFuture(mine());
  }

  @Async
  @Transactional(readOnly = true)
  public CompletableFuture<String> portLater(@ShardKey Long userId) {
    return CompletableFuture.completedFuture(
        port()
            + " "
            + TransactionSynchronizationManager.isActualTransactionActive()
            + " "
            + Thread.currentThread().isDaemon());
  }

  private String port() {
    return jdbc.queryForObject("SELECT inet_server_port()", String.class);
  }

  public String portOf(@ShardKey Long userId) {
    return port();
  }

  /** One transaction, that would have to be on the shards of both. */
  @Transactional
  public void addToBoth(@ShardKey long from, long to, String text) {
    Ledger proxied = self.getObject();
    proxied.add(from, text);
    proxied.add(to, text);
  }

  /** Nothing runs on the first one's shard before the second one's key is there. */
  @Transactional
  public void addToOther(@ShardKey long from, long to, String text) {
    self.getObject().add(to, text);
  }
}
