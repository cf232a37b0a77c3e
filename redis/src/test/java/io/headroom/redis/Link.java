package io.headroom.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.TimeSource;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.awaitility.core.ConditionFactory;

/**
 * Commands as a library has them: with a tick that runs while a test waits, and a probe of its own.
 */
final class Link implements AutoCloseable {

  static final Duration TIMEOUT = Duration.ofMillis(200);
  static final RedisScript SUM = RedisScript.of(Link.class, "common", "sum");
  static final RedisScript REFUSE = RedisScript.of(Link.class, "refuse");

  private final TimeSource time = TimeSource.system();
  private final AtomicInteger made = new AtomicInteger();
  final RedisClients clients;
  final RedisCommands commands;

  private Link(RedisClients clients) {
    this.clients = clients;
    this.commands =
        new RedisCommands(
            "here", "tests wait", Link.class, clients, time, () -> made.incrementAndGet());
  }

  static Link single(String uri) {
    return single(uri, TIMEOUT);
  }

  static Link single(String uri, Duration timeout) {
    return new Link(RedisAddress.of(uri).single(timeout));
  }

  static Link cluster(List<String> uris) {
    return cluster(uris, TIMEOUT);
  }

  static Link cluster(List<String> uris, Duration timeout) {
    return new Link(RedisAddress.of(uris.toArray(String[]::new)).cluster(timeout));
  }

  /** Faults take their time, on a busy machine too. */
  static ConditionFactory eventually(String what) {
    return await(what).atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(20));
  }

  Link connected() {
    awaitTicking("a connection", commands::isUp);
    return this;
  }

  void tick() {
    long now = time.nanoTime();
    clients.tick(now);
    commands.tick(
        now,
        done -> {
          var unused =
              commands
                  .probe(SUM, keys("probe"), bytes("1"))
                  .whenComplete((there, failure) -> done.run());
        });
  }

  void awaitTicking(String what, BooleanSupplier condition) {
    eventually(what)
        .until(
            () -> {
              tick();
              return condition.getAsBoolean();
            });
  }

  /** Callers find out that Redis is away, and are told so. */
  void awaitAway() {
    eventually("Redis to be known to be away")
        .until(
            () -> {
              assertThat(failure(add("away", 1))).isInstanceOf(RedisCallException.class);
              return !commands.isUp();
            });
  }

  /** A script does its work again. */
  void awaitBack() {
    awaitTicking("Redis to be back", commands::isUp);
    awaitTicking("an answer", () -> answers("back"));
  }

  boolean answers(String key) {
    try {
      return add(key, 1).get(60, TimeUnit.SECONDS).size() == 1;
    } catch (ExecutionException failed) {
      return false;
    } catch (InterruptedException | TimeoutException never) {
      throw new AssertionError("neither an answer nor a failure", never);
    }
  }

  /** Connections that there have been. */
  int made() {
    return made.get();
  }

  CompletableFuture<List<Object>> add(String key, long amount) {
    return commands.run(SUM, keys(key), bytes(Long.toString(amount)));
  }

  /** Answered with an error, be it as it may. */
  CompletableFuture<List<Object>> refused(String error) {
    return commands.run(REFUSE, keys("refused"), bytes(error));
  }

  static Object sum(CompletableFuture<List<Object>> answer) {
    return done(answer).get(0);
  }

  static <T> T done(CompletableFuture<T> what) {
    try {
      return what.get(60, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException failed) {
      throw new AssertionError(failed);
    }
  }

  /** Why it failed; it must, and not be left undone. */
  static Throwable failure(CompletableFuture<?> what) {
    try {
      throw new AssertionError("did not fail: " + what.get(60, TimeUnit.SECONDS));
    } catch (ExecutionException failed) {
      return failed.getCause();
    } catch (InterruptedException | TimeoutException never) {
      throw new AssertionError(never);
    }
  }

  static byte[][] keys(String key) {
    return new byte[][] {bytes(key)};
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Override
  public void close() {
    commands.close();
    clients.close();
  }
}
