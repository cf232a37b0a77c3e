package io.headroom.examples.quickstart;

import static io.headroom.examples.quickstart.Results.decimal;
import static io.headroom.examples.quickstart.Screen.count;

import io.headroom.examples.quickstart.report.Second;
import io.headroom.examples.quickstart.service.Figures;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * The users' time: they come in steps, then as many as there are to be while servers fail, and for
 * a while after that. For one thread.
 */
final class UserLoad implements AutoCloseable {

  /** By what the rate is divided, one step after the other: services are slow when they begin. */
  private static final List<Integer> STEPS = List.of(10, 4, 2, 1);

  private static final double STEP = 1.0 / 16;
  private static final double CALM = 0.25;

  /** Of the load, the time in which servers fail. */
  static final double FAULTS = 1 - CALM - 4 * STEP;

  private static final long SEED = 10;

  private final Options options;
  private final Screen screen;
  private final Events events;
  private final Services services;
  private final Seconds seconds;
  private final OpenLoad load;
  private final Thread sampler = new Thread(this::sample, "sampler");
  private final long cpuBefore = Figures.cpuMillisSoFar();
  private final long beginNanos = System.nanoTime();
  private final List<Figures> before;
  private volatile boolean goesOn = true;
  private volatile String progress = "";
  private Figures.Cache calm = Figures.Cache.sum(List.of());

  /**
   * A load that begins.
   *
   * @param seconds where its answers are counted
   */
  UserLoad(
      Options options,
      Screen screen,
      Events events,
      Services services,
      Seconds seconds,
      Visits visits)
      throws IOException {
    this.options = options;
    this.screen = screen;
    this.events = events;
    this.services = services;
    this.seconds = seconds;
    this.load = new OpenLoad(visits::come, SEED);
    this.before = services.figures();
    sampler.setDaemon(true);
    sampler.start();
  }

  /**
   * Lets users come.
   *
   * @param faults are begun when as many users come as are to
   * @param watch is begun a step before that
   */
  void run(FutureTask<Void> faults, Runnable watch) throws Exception {
    for (int part : STEPS) {
      int rate = options.rate() / part;
      if (part == 1) {
        watch.run();
      }
      phase("users come: %s/s".formatted(count(rate)), rate, lasting(STEP));
    }
    Thread failing = new Thread(faults, "faults");
    failing.setDaemon(true);
    failing.start();
    phase("servers fail", options.rate(), () -> !faults.isDone());
    List<Figures> beforeCalm = services.figures();
    phase("calm again", options.rate(), lasting(CALM));
    calm = cache(services.figures()).since(cache(beforeCalm));
    goesOn = false;
    if (!load.awaitAll()) {
      throw new IllegalStateException("some users still wait for an answer");
    }
    faults.get();
  }

  private BooleanSupplier lasting(double share) {
    long end = System.nanoTime() + (long) (share * options.load().toNanos());
    return () -> System.nanoTime() - end < 0;
  }

  private void phase(String title, int rate, BooleanSupplier goesOn) {
    Seconds.Phase phase = seconds.begin(title);
    load.come(
        rate / Kind.requestsPerVisit(),
        () -> {
          double elapsed = (System.nanoTime() - beginNanos) / 1e9;
          screen.progress("users", elapsed / options.load().toSeconds(), progress);
          return goesOn.getAsBoolean();
        });
    phase.end();
  }

  /** Once a second: what the caches did, and how far the load is. */
  private void sample() {
    Figures.Cache last = cache(before);
    try {
      while (goesOn) {
        TimeUnit.SECONDS.sleep(1);
        last = sampled(last);
      }
    } catch (InterruptedException over) {
      Thread.currentThread().interrupt();
    }
  }

  /** A second without figures is a gap in the report, marked as such. */
  private Figures.Cache sampled(Figures.Cache last) {
    try {
      Figures.Cache now = cache(services.figures());
      Figures.Cache inBetween = now.since(last);
      seconds.hits(inBetween.percentLocal(), inBetween.percentShared());
      progress = progress(inBetween);
      return now;
    } catch (IOException | RuntimeException failure) {
      progress = "no figures";
      events.mark("the services told no figures: " + failure);
      return last;
    }
  }

  private String progress(Figures.Cache cache) {
    List<Second> all = seconds.list();
    Second second = all.get(Math.max(0, all.size() - 2)); // the last one that is over
    return String.format(
        Locale.ROOT,
        "%s/s, p95 %s ms, L1 %s %%, L2 %s %%, %s errors",
        count((long) second.perSecond()),
        whole(second.p95Millis()),
        whole(cache.percentLocal()),
        whole(cache.percentShared()),
        count(seconds.errors()));
  }

  private static String whole(double number) {
    return Double.isNaN(number) ? "-" : decimal(number, 0);
  }

  private static Figures.Cache cache(List<Figures> figures) {
    return Figures.Cache.sum(figures.stream().map(Figures::cache).toList());
  }

  /** What the services had done before. */
  List<Figures> before() {
    return before;
  }

  /** What the caches did when all was calm again. */
  Figures.Cache calm() {
    return calm;
  }

  /** How many cores users and services had, on average, and what services did twice. */
  String efforts(List<Figures> after) {
    double nanos = System.nanoTime() - beginNanos;
    StringBuilder text = new StringBuilder();
    text.append("cores used: users and judge ")
        .append(decimal((Figures.cpuMillisSoFar() - cpuBefore) * 1e6 / nanos, 2));
    for (int i = 0; i < after.size(); i++) {
      text.append(", ")
          .append(services.at(i).name())
          .append(' ')
          .append(decimal((after.get(i).cpuMillis() - before.get(i).cpuMillis()) * 1e6 / nanos, 2));
    }
    long repeated =
        after.stream().mapToLong(Figures::repeated).sum()
            - before.stream().mapToLong(Figures::repeated).sum();
    return text.append("; attempts at a database repeated by these: ")
        .append(count(repeated))
        .toString();
  }

  @Override
  public void close() {
    goesOn = false;
    load.close();
  }
}
