package io.headroom.examples.quickstart;

import io.headroom.ConsistencyToken;
import io.headroom.RequestContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Clients in a closed loop: each asks, waits for the answer, checks it, and asks again. Each call
 * is a request of its own, of some user, that passes the limits and has seen what was loaded; the
 * newest orders are asked for with what the client has seen last, as a cookie would carry it.
 * Latency is that of one call as the application sees it, connection, repeated attempts and all.
 */
final class MixedLoad {

  /** What a client does, and how many of a hundred calls do it. */
  enum Kind {
    POINT_READ("point read: a user and its orders", 45),
    PROFILES("page: 20 profiles, from the cache", 15),
    CHANGE("write: a profile, read back", 5),
    WRITE("write: a new order, read back", 20),
    KEY_GROUP("key group: 20 users at once", 10),
    SCATTER("scatter: newest 20 orders of all", 5);

    final String title;
    final int percent;

    Kind(String title, int percent) {
      this.title = title;
      this.percent = percent;
    }

    static Kind drawn(int of100) {
      int upTo = 0;
      for (Kind kind : values()) {
        upTo += kind.percent;
        if (of100 < upTo) {
          return kind;
        }
      }
      throw new AssertionError("the percentages add up to 100");
    }
  }

  private static final int SHOWN_ERRORS = 5;

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final OrderBook book;
  private final ProfileTraffic profiles;
  private final Limits limits;
  private final Options options;
  private final ConsistencyToken loaded;
  private final Map<Kind, Histogram> latencies = new EnumMap<>(Kind.class);
  private final LongAdder errors = new LongAdder();
  private final ConcurrentLinkedQueue<String> firstErrors = new ConcurrentLinkedQueue<>();

  /**
   * Makes clients that do not run yet.
   *
   * @param loaded what every request has seen
   */
  MixedLoad(
      OrderBook book,
      ProfileTraffic profiles,
      Limits limits,
      Options options,
      ConsistencyToken loaded) {
    this.book = book;
    this.profiles = profiles;
    this.limits = limits;
    this.options = options;
    this.loaded = loaded;
    for (Kind kind : Kind.values()) {
      latencies.put(kind, new ConcurrentHistogram(Duration.ofMinutes(1).toNanos(), 3));
    }
  }

  /**
   * Runs for the length of the load, and for as long as the faults go on.
   *
   * @return how long it ran, in nanoseconds
   */
  long run(Screen screen, Thread faults) throws InterruptedException {
    long start = System.nanoTime();
    long length = options.load().toNanos();
    BooleanSupplier goesOn = () -> System.nanoTime() - start < length || faults.isAlive();
    faults.start();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < options.threads(); i++) {
      Thread client = new Thread(() -> new Client().callWhile(goesOn), "client-" + i);
      client.start();
      clients.add(client);
    }
    for (Thread client : clients) {
      while (client.isAlive()) {
        client.join(100);
        report(screen, System.nanoTime() - start, length);
      }
    }
    return System.nanoTime() - start;
  }

  /** Latencies of one kind of call, in nanoseconds. */
  Histogram latencies(Kind kind) {
    return Objects.requireNonNull(latencies.get(kind), kind.title);
  }

  /** Latencies of all calls, in nanoseconds. */
  Histogram allLatencies() {
    Histogram all = new Histogram(3);
    latencies.values().forEach(all::add);
    return all;
  }

  /** Whether there is an answer of every kind: a load that never ran has no errors either. */
  boolean hasEveryKind() {
    return latencies.values().stream().allMatch(answered -> answered.getTotalCount() > 0);
  }

  long errors() {
    return errors.sum();
  }

  /** What the first few failures said. */
  List<String> firstErrors() {
    return List.copyOf(firstErrors);
  }

  private void report(Screen screen, long elapsed, long length) {
    long calls = latencies.values().stream().mapToLong(Histogram::getTotalCount).sum();
    screen.progress(
        "mixed load",
        (double) elapsed / length,
        String.format(
            Locale.ROOT,
            "%s calls, %s calls/s, %d errors",
            Screen.count(calls),
            Screen.count((long) (calls / (elapsed / 1e9))),
            errors()));
  }

  /** One user of the application. For one thread. */
  private final class Client {

    private final ThreadLocalRandom random = ThreadLocalRandom.current();
    private ConsistencyToken seen = loaded;
    private long newestPlaced;

    void callWhile(BooleanSupplier goesOn) {
      Kind[] kinds = Kind.values();
      for (int n = 0; goesOn.getAsBoolean(); n++) {
        Kind kind = n < kinds.length ? kinds[n] : Kind.drawn(random.nextInt(100)); // each at first
        long before = System.nanoTime();
        try {
          call(kind);
          latencies(kind).recordValue(System.nanoTime() - before);
        } catch (SQLException | RuntimeException | Error failure) { // no client dies unnoticed
          errors.increment();
          if (firstErrors.size() < SHOWN_ERRORS) {
            firstErrors.add(kind + ": " + failure);
          }
        }
      }
    }

    @SuppressWarnings("try") // the scope is opened for its effect
    private void call(Kind kind) throws SQLException {
      RequestContext request = RequestContext.builder().timeout(PATIENCE).build();
      request.observe(kind == Kind.SCATTER ? seen : loaded);
      long user = 1 + random.nextLong(options.users());
      try (RequestContext.Scope scope = request.attach()) {
        limits.enter(user);
        perform(kind, user);
      }
      if (kind == Kind.WRITE) {
        seen = seen.merge(request.token());
      }
    }

    private void perform(Kind kind, long user) throws SQLException {
      switch (kind) {
        case POINT_READ -> book.readUser(user);
        case PROFILES -> profiles.readPage();
        case CHANGE -> profiles.change();
        case WRITE -> newestPlaced = book.placeOrder(user).placed();
        case KEY_GROUP ->
            book.readUsers(random.longs(20, 1, options.users() + 1L).boxed().toList());
        case SCATTER -> book.newestOrders(20, newestPlaced);
      }
    }
  }
}
