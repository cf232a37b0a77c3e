package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/**
 * An open load on a service: requests come when they come, however long the others take, by a
 * Poisson process, and wait for one of as many threads as a servlet container has. Each is of some
 * user, whose patience ends a second after it came. Two loads are the same to the request. For one
 * thread.
 */
final class SpikeLoad implements AutoCloseable {

  /** What comes of each criticality in the spike, by what the pool can do. */
  static final Map<Criticality, Double> SPIKE =
      Collections.unmodifiableMap(
          new EnumMap<>(
              Map.of(
                  Criticality.CRITICAL, 0.3,
                  Criticality.STANDARD, 5.0,
                  Criticality.SHEDDABLE, 5.0)));

  /** What comes altogether when the spike is over: so little that no stall is a spike again. */
  static final double AFTERWARDS = 0.1;

  /** How long the spike lasts. */
  static final int SECONDS = 3;

  static final Duration PATIENCE = Duration.ofSeconds(1);

  static final int THREADS = 200;

  private static final int USERS = 10_000;
  private static final long SEED = 10;
  private static final Duration LONGEST_CALL = Duration.ofSeconds(60);

  private final Service service;
  private final double capacity;
  private final Screen screen;
  private final String title;
  private final Random random = new Random(SEED);
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, SpikeLoad::thread);
  private final Map<Criticality, Requests.Counter> counters = new EnumMap<>(Criticality.class);
  private final Requests.Counter afterwards = new Requests.Counter(PATIENCE);
  private final LongAdder[] servedInSecond = new LongAdder[SECONDS];
  private final LongAdder open = new LongAdder();
  private long beginNanos;
  private long leftAtTheEnd;

  /**
   * Makes a load that has not begun.
   *
   * @param capacity how many requests a second the service can serve
   * @param title names it on the screen
   */
  SpikeLoad(Service service, double capacity, Screen screen, String title) {
    this.service = service;
    this.capacity = capacity;
    this.screen = screen;
    this.title = title;
    for (Criticality each : Criticality.values()) {
      counters.put(each, new Requests.Counter(PATIENCE));
    }
    Arrays.setAll(servedInSecond, second -> new LongAdder());
  }

  private static Thread thread(Runnable task) {
    Thread thread = new Thread(task, "servlet");
    thread.setDaemon(true);
    return thread;
  }

  /** Lets the spike come, for its length. */
  void spike() {
    long length = TimeUnit.SECONDS.toNanos(SECONDS);
    Arrivals arrivals = new Arrivals(random, times() * capacity);
    beginNanos = System.nanoTime();
    for (long next = beginNanos; next - beginNanos < length; next = arrivals.after(next)) {
      Arrivals.await(next);
      Criticality criticality = drawn();
      come(criticality, counter(criticality), next);
      screen.progress(
          title,
          (double) (next - beginNanos) / length,
          "%s requests have no answer yet".formatted(count(open.sum())));
    }
    leftAtTheEnd = open.sum();
  }

  /**
   * Lets an ordinary load come after the spike.
   *
   * @return how long until the condition held; empty if it did not for that long
   */
  Optional<Duration> afterwards(BooleanSupplier until, Duration longest) {
    long begin = System.nanoTime();
    Arrivals arrivals = new Arrivals(random, AFTERWARDS * capacity);
    for (long next = begin; next - begin < longest.toNanos(); next = arrivals.after(next)) {
      Arrivals.await(next);
      if (until.getAsBoolean()) {
        return Optional.of(Duration.ofNanos(System.nanoTime() - begin));
      }
      come(drawn(), afterwards, next);
    }
    return Optional.empty();
  }

  /** How many times what the service can do comes in the spike. */
  static double times() {
    return SPIKE.values().stream().mapToDouble(each -> each).sum();
  }

  private void come(Criticality criticality, Requests.Counter counter, long cameNanos) {
    RequestContext request =
        RequestContext.builder().criticality(criticality).cohortOf(random.nextInt(USERS)).build();
    counter.came();
    open.increment();
    threads.execute(() -> serve(request, counter, cameNanos));
  }

  private Criticality drawn() {
    double left = random.nextDouble() * times();
    for (Map.Entry<Criticality, Double> each : SPIKE.entrySet()) {
      left -= each.getValue();
      if (left < 0) {
        return each.getKey();
      }
    }
    return Criticality.SHEDDABLE; // a rounding
  }

  private Requests.Counter counter(Criticality criticality) {
    return Objects.requireNonNull(counters.get(criticality));
  }

  /** On one of the container's threads. */
  private void serve(RequestContext request, Requests.Counter counter, long cameNanos) {
    try {
      Service.Answer answer = service.serve(request);
      long now = System.nanoTime();
      boolean inTime = counter.answered(answer, now - cameNanos);
      long second = TimeUnit.NANOSECONDS.toSeconds(now - beginNanos);
      if (inTime && answer == Service.Answer.SERVED && second < SECONDS) {
        servedInSecond[(int) second].increment();
      }
    } catch (SQLException | RuntimeException failure) {
      // an error page: like one that came too late, it has not been told anything of use
    } finally {
      open.decrement();
    }
  }

  /** Waits for as long as users have patience yet, and tells what came of all. */
  SpikeFigures end() throws InterruptedException {
    threads.shutdown();
    if (!threads.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
      threads.shutdownNow(); // nobody waits for these any more
      threads.awaitTermination(LONGEST_CALL.toSeconds(), TimeUnit.SECONDS);
    }
    Map<Criticality, Requests> came = new EnumMap<>(Criticality.class);
    counters.forEach((criticality, counter) -> came.put(criticality, counter.sum()));
    return new SpikeFigures(
        came,
        Arrays.stream(servedInSecond).map(LongAdder::sum).toList(),
        leftAtTheEnd,
        afterwards.sum());
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
