package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.TimeSource;
import io.headroom.redis.RedisAddress;
import io.headroom.redis.RedisClients;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.headroom.testkit.servers.ThreadLeaks;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is left of limits in Redis that were closed: decisions, and nothing else. */
class SharedCloseTest {

  private static final int THREADS = 8;

  @RegisterExtension
  static final RedisExtension<RedisServer> server = RedisExtension.single().exclusive();

  private final ThreadLeaks leaks = ThreadLeaks.watch("headroom-limits", "lettuce-");
  private final Warnings log = new Warnings(RedisLimits.class);
  private RedisLimits redis;
  private RateLimiter<String> limiter;

  @BeforeEach
  void begin() {
    server.get().flush();
    redis =
        Ask.connected(
            RedisLimits.builder(server.get().uri()).timeout(Duration.ofMinutes(1)).build());
    limiter =
        RateLimiter.<String>builder("door")
            .policy("user", Limit.of(100, Duration.ofHours(1)), user -> user)
            .leased("all", Limit.of(1_000, Duration.ofHours(1)))
            .shared(redis)
            .build();
  }

  @AfterEach
  void end() {
    redis.close();
    log.close();
    server.heal();
    leaks.assertNone();
    Ask.eventually("connections to end").until(() -> server.get().clients() == 0);
  }

  @Test
  void limitersGoOnWithoutRedis() {
    assertThat(limiter.tryAcquire("a").isAlone()).isFalse();
    redis.close();

    assertThat(redis.isUp()).isFalse();
    assertThat(redis).asString().contains("127.0.0.1:" + server.get().port(), "closed");
    Ask.assertDecidesAlone(redis, limiter);
    assertThat(log.said()).as("that is no fault of Redis's").isEmpty();
    assertThat(server.get().command("EXISTS", "headroom:limit:{door}").integer())
        .as("the process has left")
        .isZero();
  }

  /** For a minute, if nobody ended it. */
  @Test
  void callersWhoWaitAreDecidedFor() throws InterruptedException {
    assertThat(limiter.tryAcquire("a").isAlone()).isFalse();
    server.get().stop();
    ExecutorService callers = Executors.newFixedThreadPool(THREADS);
    CountDownLatch asking = new CountDownLatch(THREADS);
    List<CompletableFuture<Decision>> all = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      String key = "key-" + i % 2;
      all.add(limiter.tryAcquireAsync(key));
      all.add(
          CompletableFuture.supplyAsync(
              () -> {
                asking.countDown();
                return limiter.tryAcquire(key);
              },
              callers));
    }
    asking.await();
    assertThat(all).noneMatch(CompletableFuture::isDone);

    redis.close();

    all.forEach(one -> assertThat(Ask.done(one).isAlone()).isTrue());
    Ask.assertDecidesAlone(redis, limiter);
    callers.shutdown();
  }

  @Test
  void toCloseItAgainDoesNothing() {
    redis.close();
    redis.close();
    CompletableFuture<?>[] closing = new CompletableFuture<?>[THREADS];
    RedisLimits other = RedisLimits.connect(server.get().uri());
    for (int i = 0; i < THREADS; i++) {
      closing[i] = CompletableFuture.runAsync(other::close, task -> new Thread(task).start());
    }
    Ask.done(CompletableFuture.allOf(closing));
    assertThat(other).asString().endsWith("closed]");
  }

  /** What is left open is found after each test. */
  @Test
  void itIsClosedWhateverTheRegistryOfItsMetersThrows() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RateLimitMetrics.of(redis).bindTo(registry);
    IllegalStateException failure = new IllegalStateException("thrown by a test");
    registry
        .config()
        .onMeterRemoved(
            meter -> {
              throw failure;
            });
    assertThatThrownBy(redis::close).isSameAs(failure);
    assertThat(registry.getMeters()).isEmpty();
    assertThat(redis).asString().endsWith("closed]");
    leaks.assertNone();
    Ask.eventually("connections to end").until(() -> server.get().clients() == 0);
  }

  /** Whose connection is not awaited on a thread that is interrupted. */
  @Test
  void whatFailsAtTheCloseIsToldTogether() throws ReflectiveOperationException {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RateLimitMetrics.of(redis).bindTo(registry);
    IllegalStateException second = new IllegalStateException("thrown by a test");
    registry
        .config()
        .onMeterRemoved(
            meter -> {
              throw second;
            });
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(redis::close)
          .isInstanceOf(client("RedisException"))
          .satisfies(first -> assertThat(first.getSuppressed()).containsExactly(second));
    } finally {
      Thread.interrupted();
    }
    assertThat(registry.getMeters()).isEmpty();
    leaks.assertNone();
    Ask.eventually("connections to end").until(() -> server.get().clients() == 0);
  }

  /** What is left open is found after each test. */
  @Test
  void itIsClosedThoughItCannotSayThatItLeaves() throws ReflectiveOperationException {
    AtomicBoolean leaves = new AtomicBoolean();
    AssertionError failure = new AssertionError("thrown by a test");
    RedisClients clients = RedisAddress.of(server.get().uri()).single(Duration.ofSeconds(10));
    throwWhenSending(clients, leaves, failure);
    RedisLimits other =
        new RedisLimits("a server", clients, Duration.ofSeconds(10), TimeSource.system())
            .start(Duration.ofSeconds(10));
    RateLimiter<String> its =
        RateLimiter.<String>builder("other")
            .limit(Limit.perSecond(1))
            .shared(Ask.connected(other))
            .build();
    assertThat(its.tryAcquire("a").isAlone()).isFalse();
    leaves.set(true);
    assertThatThrownBy(other::close).isSameAs(failure);
    assertThat(other).asString().endsWith("closed]");
    other.close();
    Ask.assertDecidesAlone(other, its);
  }

  /** A type of the client's library, which is not among this module's own dependencies. */
  private static Class<?> client(String name) throws ReflectiveOperationException {
    return Class.forName("io.lettuce.core." + name);
  }

  private static void throwWhenSending(RedisClients clients, AtomicBoolean when, Error failure)
      throws ReflectiveOperationException {
    Class<?> listening = client("event.command.CommandListener");
    Object listener =
        Proxy.newProxyInstance(
            listening.getClassLoader(),
            new Class<?>[] {listening},
            (proxy, method, arguments) -> {
              if (when.get() && method.getName().equals("commandStarted")) {
                throw failure;
              }
              return null;
            });
    client("AbstractRedisClient")
        .getMethod("addListener", listening)
        .invoke(RedisClients.class.getMethod("client").invoke(clients), listener);
  }

  @Test
  void noLimiterIsBuiltOnAClosedOne() {
    redis.close();
    RateLimiterBuilder<String> late =
        RateLimiter.<String>builder("late").limit(Limit.perSecond(1)).shared(redis);
    assertThatThrownBy(late::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("RedisLimits[")
        .hasMessageEndingWith("closed] is closed: build limiters on an open one");
  }

  @Test
  void whatNeverConnectedIsClosedToo() {
    server.get().kill();
    RedisLimits never = RedisLimits.connect(server.get().uri());
    never.close();
    assertThat(never.isUp()).isFalse();
    server.get().restart();
  }
}
