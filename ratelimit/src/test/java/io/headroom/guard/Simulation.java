package io.headroom.guard;

import io.headroom.Criticality;
import io.headroom.LoadLevel;
import io.headroom.RequestContext;
import io.headroom.ratelimit.HandTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A guarded pool in a time of its own: requests come by a Poisson process, hold a connection for as
 * long as they are said to, and nobody sleeps. Events of one instant happen in the order in which
 * they were planned.
 */
final class Simulation {

  static final Duration PATIENCE = Duration.ofSeconds(1);

  /** The guard takes no notice of it: every request of the simulation is somebody else's. */
  private static final Thread CALLER = new Thread("simulated");

  final HandTime time = new HandTime();
  final PoolGuard guard;
  final int size;
  final GuardSettings settings;
  final Map<Criticality, Counts> counts = new EnumMap<>(Criticality.class);
  final List<LoadLevel> levels = new ArrayList<>();
  long longestWaitNanos;
  private double capacity;
  private final Random random;
  private LongSupplier holdNanos;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong((Event event) -> event.atNanos)
              .thenComparingLong(event -> event.number));
  private long now;
  private long planned;
  private boolean cohorts = true;

  /** The service's threads that nothing keeps. */
  private int free = Integer.MAX_VALUE;

  private final Deque<Request> forAThread = new ArrayDeque<>();
  private Check check = (refused, context) -> {};

  /** What has become of the requests of one criticality. */
  static final class Counts {
    long came;
    long served;

    /** Of them, before its user's patience was at an end. */
    long inTime;

    long refused;
  }

  /** What a user does when it is served, or refused. */
  interface Then {
    void go(boolean served);
  }

  private record Request(RequestContext context, long cameNanos, Then then) {
    Criticality criticality() {
      return context.criticality();
    }
  }

  private record Event(long atNanos, long number, Runnable what) {}

  /** Looks at a refusal when it is made. */
  interface Check {
    void on(Refusal refused, RequestContext context);
  }

  Simulation(ConnectionGuardBuilder builder, int size, Random random, LongSupplier holdNanos) {
    this.size = size;
    this.settings = builder.byHand(time).settings();
    this.guard =
        new PoolGuard(
            "pool",
            ManagedPool.ofSize(new PGSimpleDataSource(), size),
            settings,
            time,
            new GuardListeners(List.of()),
            new DoorCounts());
    this.random = random;
    this.holdNanos = holdNanos;
    for (Criticality each : Criticality.values()) {
      counts.put(each, new Counts());
    }
    tickOn();
  }

  /** The service has so many threads, and what comes waits for one first. */
  Simulation threads(int many) {
    free = many;
    return this;
  }

  /** A guard as it is built by default; holds are exponentially distributed or always the same. */
  static Simulation of(int size, double meanMillis, boolean spread, long seed) {
    Random random = new Random(seed);
    LongSupplier holds =
        () -> (long) (1e6 * meanMillis * (spread ? -Math.log(1 - random.nextDouble()) : 1));
    Simulation made = new Simulation(ConnectionGuard.builder(), size, random, holds);
    made.capacity = size * 1_000 / meanMillis;
    return made;
  }

  /** How many requests the pool can serve in a second. */
  double capacity() {
    return capacity;
  }

  /** Of requests it is not known whose they are. */
  Simulation withoutCohorts() {
    cohorts = false;
    return this;
  }

  Simulation check(Check each) {
    check = each;
    return this;
  }

  /** Plans requests from now on, for so long. */
  Simulation offer(Criticality criticality, double perSecond, Duration length) {
    arrive(criticality, perSecond, now + length.toNanos());
    return this;
  }

  private void arrive(Criticality criticality, double perSecond, long until) {
    long next = now + (long) (-Math.log(1 - random.nextDouble()) / perSecond * 1e9);
    if (next < until) {
      at(
          next,
          () -> {
            come(criticality);
            arrive(criticality, perSecond, until);
          });
    }
  }

  private void tickOn() {
    at(
        now + settings.windowNanos(),
        () -> {
          levels.add(guard.tick(time.nanoTime()));
          tickOn();
        });
  }

  private void at(long atNanos, Runnable what) {
    events.add(new Event(atNanos, planned++, what));
  }

  /** Lets time pass. */
  void run(Duration length) {
    long until = now + length.toNanos();
    for (Event next = events.peek();
        next != null && next.atNanos() <= until;
        next = events.peek()) {
      events.remove();
      time.advance(Duration.ofNanos(next.atNanos() - now));
      now = next.atNanos();
      next.what().run();
    }
    time.advance(Duration.ofNanos(until - now));
    now = until;
  }

  private void come(Criticality criticality) {
    RequestContext.Builder builder = RequestContext.builder().criticality(criticality);
    RequestContext context = (cohorts ? builder.cohort(random.nextDouble()) : builder).build();
    come(context, served -> {});
  }

  private void come(RequestContext context, Then then) {
    counts.get(context.criticality()).came++;
    forAThread.add(new Request(context, now, then));
    takeUp();
  }

  /** From so long after the begin, for so long, the database answers nothing. */
  Simulation stall(Duration after, Duration length) {
    LongSupplier usual = holdNanos;
    long begin = after.toNanos();
    long end = begin + length.toNanos();
    holdNanos =
        () -> {
          long hold = usual.getAsLong();
          boolean stalls = now < end && now + hold > begin;
          return stalls ? hold + end - Math.max(now, begin) : hold;
        };
    return this;
  }

  /** Users of whom each asks again at once when it is served, and in a while when it is refused. */
  Simulation users(int many, Criticality criticality, Duration again) {
    for (int user = 0; user < many; user++) {
      RequestContext context =
          RequestContext.builder().criticality(criticality).cohortOf(user).build();
      at(now + random.nextLong(again.toNanos()), () -> askForEver(context, again));
    }
    return this;
  }

  private void askForEver(RequestContext context, Duration again) {
    come(
        context,
        served -> at(now + (served ? 0 : again.toNanos()), () -> askForEver(context, again)));
  }

  private void takeUp() {
    while (free > 0 && !forAThread.isEmpty()) {
      free--;
      ask(forAThread.remove());
    }
  }

  private void ask(Request request) {
    RequestContext context = request.context();
    Criticality criticality = request.criticality();
    guard.tally().asked(criticality);
    Refusal refusal = guard.refuseAtOnce(context, PoolGuard.NO_DEADLINE, CALLER);
    if (refusal != null) {
      refused(refusal, request);
      return;
    }
    if (guard.gate().tryEnter(criticality, time.nanoTime())) {
      serve(request, time.nanoTime());
      return;
    }
    Waiter waiter = new Waiter(criticality, false, time.nanoTime());
    refusal = guard.queue(waiter, context, PoolGuard.NO_DEADLINE);
    if (refusal != null) {
      refused(refusal, request);
    } else if (waiter.fate() == Waiter.Fate.ADMITTED) {
      serve(request, time.nanoTime());
    } else {
      waiting.put(waiter, request);
      at(now + settings.maximumWaitNanos(), () -> timesOut(waiter));
    }
    lookAfterWaiting();
  }

  private final Map<Waiter, Request> waiting = new LinkedHashMap<>();

  private void timesOut(Waiter waiter) {
    Request request = waiting.get(waiter);
    if (request != null && guard.gate().giveUp(waiter)) {
      waiting.remove(waiter);
      RequestContext context = request.context();
      refused(
          guard.refusal(RefusalReason.TIMED_OUT, context.criticality(), context.cohort(), 0),
          request);
      takeUp();
    }
  }

  /** Serves those whom the gate has let in by now. */
  private void lookAfterWaiting() {
    guard.gate().letIn(); // as those who were woken would
    List<Waiter> decided =
        waiting.keySet().stream().filter(each -> each.fate() != Waiter.Fate.WAITING).toList();
    for (Waiter waiter : decided) {
      Request request = waiting.remove(waiter);
      RequestContext context = request.context();
      if (waiter.fate() == Waiter.Fate.ADMITTED) {
        long waited = time.nanoTime() - waiter.askedNanos();
        longestWaitNanos = Math.max(longestWaitNanos, waited);
        guard.tally().waited(waited, waiter.hasOvertaken());
        serve(request, waiter.askedNanos());
      } else {
        refused(
            guard.refusal(RefusalReason.QUEUE_FULL, context.criticality(), context.cohort(), 0),
            request);
      }
    }
  }

  private void refused(Refusal refusal, Request request) {
    free++;
    counts.get(refusal.criticality()).refused++;
    guard.tally().refused(refusal.criticality(), refusal.reason());
    check.on(refusal, request.context());
    request.then().go(false);
  }

  private void serve(Request request, long askedNanos) {
    Hold hold = guard.held(request.criticality(), askedNanos, time.nanoTime());
    hold.connected();
    at(
        now + holdNanos.getAsLong(),
        () -> {
          hold.end();
          free++;
          Counts of = counts.get(request.criticality());
          of.served++;
          of.inTime += now - request.cameNanos() <= PATIENCE.toNanos() ? 1 : 0;
          lookAfterWaiting();
          request.then().go(true);
          takeUp();
        });
  }

  /** Whether a less critical request of the same user would be let in, or waited for, now. */
  boolean wouldTake(Criticality criticality, RequestContext context) {
    RequestContext other = context.toBuilder().criticality(criticality).build();
    if (guard.refuseAtOnce(other, PoolGuard.NO_DEADLINE, CALLER) != null) {
      return false;
    }
    Waiter waiter = new Waiter(criticality, false, time.nanoTime());
    @Nullable Refusal refusal = guard.queue(waiter, other, PoolGuard.NO_DEADLINE);
    if (waiter.fate() == Waiter.Fate.ADMITTED) {
      guard.gate().leave();
    } else if (refusal == null) {
      guard.gate().giveUp(waiter);
    }
    return refusal == null;
  }
}
