package io.headroom.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.cache.Cache.ValueWrapper;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** What a transaction of Spring's sees and leaves, on connections that Headroom does not know. */
class SpringTransactionsTest {

  private final HeadroomCache cache =
      HeadroomCacheManager.builder()
          .transactionAware()
          .cache("profiles", options -> {})
          .build()
          .getCache("profiles");
  private final HandTransactions transactions = new HandTransactions();
  private final TransactionTemplate writing = new TransactionTemplate(transactions);

  @BeforeEach
  void putOne() {
    cache.put("key", "old");
  }

  @AfterEach
  void noTransactionIsLeftOpen() {
    assertThat(RequestContext.current().inWriteTransaction()).isFalse();
  }

  @Test
  void anEvictionIsDoneForOthersAtTheEnd() {
    writing.executeWithoutResult(
        status -> {
          cache.evict("key");
          assertThat(cache.get("key")).as("the transaction's own").isNull();
          assertThat(seenByAnother("key").get()).isEqualTo("old");
        });

    assertThat(cache.get("key")).isNull();
  }

  @Test
  void anEvictionIsDoneAfterARollbackToo() {
    writing.executeWithoutResult(
        status -> {
          cache.clear();
          status.setRollbackOnly();
        });

    assertThat(cache.get("key")).isNull();
  }

  @Test
  void aPutIsAnEviction() {
    writing.executeWithoutResult(
        status -> {
          cache.put("key", "new");
          assertThat(cache.get("key")).isNull();
          assertThat(seenByAnother("key").get()).isEqualTo("old");
        });

    assertThat(cache.get("key")).isNull();
  }

  @Test
  void whatATransactionReadsIsNotKept() {
    writing.executeWithoutResult(
        status -> {
          assertThat(cache.get("loaded", () -> "its own")).isEqualTo("its own");
          CompletableFuture<String> own = CompletableFuture.completedFuture("its own");
          assertThat(cache.retrieve("retrieved", () -> own).join()).isEqualTo("its own");
          assertThat(cache.putIfAbsent("absent", "its own")).isNull();
          assertThat(cache.get("looked up")).isNull();
          cache.put("looked up", "its own");
        });

    assertThat(cache.get("loaded")).isNull();
    assertThat(cache.get("retrieved")).isNull();
    assertThat(cache.get("absent")).isNull();
    assertThat(cache.get("looked up")).isNull();
  }

  @Test
  void whatOthersReadMeanwhileIsNotForgottenForAMiss() {
    writing.executeWithoutResult(
        status -> {
          assertThat(cache.get("other")).isNull();
          cache.put("other", "its own");
          CompletableFuture.runAsync(() -> cache.get("other", () -> "theirs")).join();
        });

    assertThat(cache.get("other").get()).isEqualTo("theirs");
  }

  @Test
  void whatIsThereIsServed() {
    writing.executeWithoutResult(status -> assertThat(cache.get("key").get()).isEqualTo("old"));

    assertThat(cache.get("key").get()).isEqualTo("old");
  }

  @Test
  void aReadOnlyTransactionFills() {
    TransactionTemplate reading = new TransactionTemplate(transactions);
    reading.setReadOnly(true);

    reading.executeWithoutResult(
        status -> assertThat(cache.get("loaded", () -> "value")).isEqualTo("value"));

    assertThat(cache.get("loaded").get()).isEqualTo("value");
  }

  @Test
  void aTransactionWithinIsMindedForItself() {
    TransactionTemplate within = new TransactionTemplate(transactions);
    within.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);

    writing.executeWithoutResult(
        outer -> {
          cache.evict("other");
          within.executeWithoutResult(inner -> cache.evict("key"));
          assertThat(seenByAnother("key")).as("the inner one has ended").isNull();
          assertThat(cache.<String>get("key", () -> "its own")).isEqualTo("its own");
          assertThat(seenByAnother("key")).as("the outer one goes on").isNull();
        });

    assertThat(cache.get("key")).isNull();
  }

  @Test
  void unlessAskedForTransactionsAreNotMinded() {
    HeadroomCache unaware =
        HeadroomCacheManager.builder().createMissing(options -> {}).build().getCache("unaware");

    writing.executeWithoutResult(status -> unaware.put("key", "value"));

    assertThat(unaware.get("key").get()).isEqualTo("value");
  }

  private ValueWrapper seenByAnother(String key) {
    return CompletableFuture.supplyAsync(() -> cache.get(key)).join();
  }
}
