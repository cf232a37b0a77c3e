package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ConcurrencyLimiterTest {

  record Request(String address) {}

  private static ConcurrencyLimiter<Request> connections(int atOnce) {
    return ConcurrencyLimiter.<Request>builder("connections", atOnce).key(Request::address).build();
  }

  @Test
  void eachKeyHasSoManyAtOnce() {
    ConcurrencyLimiter<Request> connections = connections(2);
    Request here = new Request("1.1.1.1");
    ConcurrencyPermit first = connections.tryAcquire(here);
    ConcurrencyPermit second = connections.tryAcquire(here);

    assertThat(first.decision().remaining()).isEqualTo(1);
    assertThat(second.decision().remaining()).isZero();
    try (ConcurrencyPermit third = connections.tryAcquire(here)) {
      Decision refused = third.decision();
      assertThat(refused.allowed()).isFalse();
      assertThat(refused.retryAfter()).isZero();
      assertThat(refused.resetAfter()).isZero();
      assertThat(refused.isNeverPossible()).isFalse();
      assertThat(third).hasToString("ConcurrencyPermit[refused 1 by 'connections' (2 at once)]");
    }
    assertThat(connections.tryAcquire(new Request("2.2.2.2")).decision().allowed()).isTrue();
    assertThat(connections.tryAcquire(here).decision().allowed()).isFalse();
    first.close();
    first.close();
    assertThat(connections.tryAcquire(here).decision().allowed()).isTrue();
    assertThat(connections.tryAcquire(here).decision().allowed()).isFalse();
    assertThat(connections).hasToString("ConcurrencyLimiter['connections' (2 at once)]");
  }

  @Test
  void aKeyGoesWithItsLastPermit() {
    ConcurrencyLimiter<Request> connections = connections(2);
    List<ConcurrencyPermit> permits = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      permits.add(connections.tryAcquire(new Request("1.1.1." + i % 50)));
    }
    assertThat(connections.keys()).isEqualTo(50);
    permits.forEach(ConcurrencyPermit::close);
    assertThat(connections.keys()).isZero();
  }

  @Test
  void aSubjectWithoutAKeyIsNotLimited() {
    ConcurrencyLimiter<Request> connections = connections(1);
    for (int i = 0; i < 3; i++) {
      ConcurrencyPermit permit = connections.tryAcquire(new Request(null));
      assertThat(permit.decision().policy()).isEmpty();
      assertThat(permit.decision().allowed()).isTrue();
    }
    assertThat(connections.keys()).isZero();
  }

  @Test
  void inShadowModeAllGoOnAndAreCounted() {
    ConcurrencyLimiter<String> exports =
        ConcurrencyLimiter.<String>builder("exports", 1).shadow().build();
    ConcurrencyPermit first = exports.tryAcquire("acme");
    ConcurrencyPermit second = exports.tryAcquire("acme");

    assertThat(first.decision().isShadowed()).isFalse();
    assertThat(second.decision().isShadowed()).isTrue();
    assertThat(second.decision().allowed()).isTrue();
    first.close();
    assertThat(exports.tryAcquire("acme").decision().isShadowed()).isTrue();
    second.close();
  }

  @Test
  void aChangedLimitHoldsFromThenOn() {
    ConcurrencyLimiter<String> exports = ConcurrencyLimiter.<String>builder("exports", 1).build();
    ConcurrencyPermit first = exports.tryAcquire("acme");
    exports.changeLimit(2);
    ConcurrencyPermit second = exports.tryAcquire("acme");
    exports.changeLimit(1);

    assertThat(second.decision().allowed()).isTrue();
    assertThat(exports.policy().limit()).hasToString("1 at once");
    first.close();
    assertThat(exports.tryAcquire("acme").decision().allowed()).isFalse();
    second.close();
    assertThat(exports.tryAcquire("acme").decision().allowed()).isTrue();
  }

  @Test
  void listenersHear() {
    List<String> heard = new ArrayList<>();
    RateLimitListener listener =
        new RateLimitListener() {
          @Override
          public void onRefused(String limiter, Decision decision) {
            heard.add(limiter + ": " + decision);
          }
        };
    ConcurrencyLimiter<String> exports =
        ConcurrencyLimiter.<String>builder("exports", 1).listener(listener).build();
    ConcurrencyPermit first = exports.tryAcquire("acme");
    exports.tryAcquire("acme").close();
    first.close();

    assertThat(heard).containsExactly("exports: refused 1 by 'exports' (1 at once)");
  }

  @Test
  void listenersHearOfWhatShadowModeWouldHaveRefused() {
    List<String> heard = new ArrayList<>();
    ConcurrencyLimiter<String> exports =
        ConcurrencyLimiter.<String>builder("exports", 1)
            .shadow()
            .listener(Heard.into(heard))
            .build();
    try (ConcurrencyPermit first = exports.tryAcquire("acme");
        ConcurrencyPermit second = exports.tryAcquire("acme")) {
      assertThat(first.decision().isShadowed()).isFalse();
      assertThat(second.decision().isShadowed()).isTrue();
    }
    assertThat(heard).containsExactly("admitted 1 by exports", "refused 1 by exports in shadow");
  }

  @Test
  void threadsNeverHoldMoreTogether() throws Exception {
    ConcurrencyLimiter<String> exports = ConcurrencyLimiter.<String>builder("exports", 3).build();
    AtomicInteger held = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(6);
    try {
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        workers.add(
            pool.submit(
                () -> {
                  for (int round = 0; round < 5_000; round++) {
                    try (ConcurrencyPermit permit = exports.tryAcquire("acme")) {
                      if (permit.decision().allowed()) {
                        most.accumulateAndGet(held.incrementAndGet(), Math::max);
                        Thread.onSpinWait();
                        held.decrementAndGet();
                      }
                    }
                  }
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
    } finally {
      pool.shutdownNow();
    }
    assertThat(most.get()).isBetween(1, 3);
    assertThat(exports.keys()).isZero();
  }

  @Test
  void nonsenseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConcurrencyLimiter.builder("exports", 0))
        .withMessage("atOnce must be 1 to 2147483647, was 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ConcurrencyLimiter.builder(" ", 1))
        .withMessageContaining("must not be blank");
    assertThatIllegalStateException()
        .isThrownBy(() -> ConcurrencyLimiter.builder("exports", 1).key(any -> 1).key(any -> 2))
        .withMessage("limiter 'exports': key is set twice: set it once");
  }
}
