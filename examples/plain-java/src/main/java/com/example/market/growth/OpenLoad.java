package com.example.market.growth;

import com.example.market.Answer;
import com.example.market.Market;
import com.example.market.Request;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * An open load: requests come when they come, by a Poisson process, however long the others take,
 * and wait for one of as many threads as a container has. Time counts from when a request came, and
 * whoever waited for longer than a second has gone. Two loads of one seed are the same to the
 * request. For one thread, and one run.
 */
final class OpenLoad {

  static final Duration PATIENCE = Duration.ofSeconds(1);

  private static final int THREADS = 200;

  /** Requests of one kind, and how many come in a second. */
  private record Stream(String name, double perSecond, Function<Random, Request> request) {}

  private final Market market;
  private final Random random = new Random(10);
  private final List<Stream> streams = new ArrayList<>();

  /** All users have gone, and what is still under way is interrupted. */
  private volatile boolean over;

  OpenLoad(Market market) {
    this.market = market;
  }

  /**
   * Adds requests.
   *
   * @param name what they are counted as; several may have one name
   */
  OpenLoad of(String name, double perSecond, Function<Random, Request> request) {
    streams.add(new Stream(name, perSecond, request));
    return this;
  }

  /**
   * Lets them come, and waits for those that came last for as long as users do.
   *
   * @param begin when they begin, by {@link System#nanoTime}
   * @param uncounted for so long it only gets going
   * @param length for so long it counts then
   * @return what came of them, by name
   */
  Map<String, Outcome> run(long begin, Duration uncounted, Duration length)
      throws InterruptedException {
    Map<String, Outcome> outcomes = new LinkedHashMap<>();
    long counted = begin + uncounted.toNanos();
    long end = counted + length.toNanos();
    for (Stream stream : streams) {
      outcomes.putIfAbsent(stream.name(), new Outcome(counted, length));
    }
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      double all = streams.stream().mapToDouble(Stream::perSecond).sum();
      for (long next = begin; next - end < 0; next += gap(all)) {
        Moments.awaitNanos(next);
        Stream stream = drawn(all);
        Outcome outcome = outcomes.get(stream.name());
        if (outcome != null) {
          come(threads, stream.request().apply(random), outcome, next);
        }
      }
      threads.shutdown();
      threads.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      over = true;
      threads.shutdownNow(); // nobody waits for these any more
    }
    if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
      throw new IllegalStateException(
          "requests that nobody waits for have not ended after a minute, though interrupted: "
              + threads);
    }
    return outcomes;
  }

  private void come(ExecutorService threads, Request request, Outcome outcome, long cameNanos) {
    outcome.came(cameNanos);
    threads.execute(
        () -> {
          try {
            Answer answer = market.answer(request);
            outcome.answered(answer.status(), cameNanos, System.nanoTime());
          } catch (SQLException | RuntimeException | Error failure) {
            if (!over) { // else it was cut off here
              outcome.failed(failure, cameNanos, System.nanoTime());
            }
          }
        });
  }

  private long gap(double perSecond) {
    return (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
  }

  private Stream drawn(double all) {
    double left = random.nextDouble() * all;
    for (Stream stream : streams) {
      left -= stream.perSecond();
      if (left < 0) {
        return stream;
      }
    }
    return streams.get(streams.size() - 1);
  }
}
