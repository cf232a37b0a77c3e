package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.service.Order;
import io.headroom.examples.quickstart.service.Profile;
import io.headroom.examples.quickstart.service.User;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * What users do when they come, and whether they are shown what they must be: whoever has changed
 * something looks at it at once, in the other service. Who is told to come back does, for half a
 * minute. Thread-safe.
 */
final class Visits {

  private static final int PAGE = 5;
  private static final int NEWEST = 20;
  private static final int SHOWN_ERRORS = 5;
  private static final Duration DRAW = Duration.ofNanos(20_000);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Services services;
  private final List<Customer> customers;
  private final Zipf lookedAt;
  private final AtomicLong ticks;
  private final Seconds seconds;
  private final ProfileJudge profiles;
  private final Journal journal;
  private final Map<Kind, LongAdder> answered = new ConcurrentHashMap<>();
  private final LongAdder wrong = new LongAdder();
  private final Queue<String> firstErrors = new ConcurrentLinkedQueue<>();

  /** An answer, and who gave it. */
  private record Told(int service, long begunNanos, Answer answer) {}

  /**
   * Visits that nobody has made yet.
   *
   * @param customers who are there, and look at each other
   * @param ticks the order of events
   */
  Visits(
      Services services,
      List<Customer> customers,
      AtomicLong ticks,
      Seconds seconds,
      ProfileJudge profiles,
      Journal journal) {
    this.services = services;
    this.customers = customers;
    this.lookedAt = new Zipf(customers.size());
    this.ticks = ticks;
    this.seconds = seconds;
    this.profiles = profiles;
    this.journal = journal;
  }

  /** Somebody comes for something. */
  void come(long dueNanos) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    Kind kind = Kind.drawn(random.nextInt(100));
    Customer customer = customers.get(random.nextInt(customers.size()));
    while (!customer.takes()) {
      LockSupport.parkNanos(DRAW.toNanos()); // when all wait for answers, nobody comes
      customer = customers.get(random.nextInt(customers.size()));
    }
    try {
      visit(kind, customer, dueNanos);
      answered.computeIfAbsent(kind, same -> new LongAdder()).increment();
    } catch (IOException | InterruptedException | RuntimeException | Error failure) {
      seconds.failed(dueNanos); // no user fails unnoticed
      if (failure instanceof WrongAnswerException) {
        wrong.increment();
      }
      if (firstErrors.size() < SHOWN_ERRORS) {
        firstErrors.add(
            String.format(Locale.ROOT, "%.2f s, %s: %s", seconds.at(dueNanos), kind, failure));
      }
    } finally {
      customer.isFree();
    }
  }

  private void visit(Kind kind, Customer customer, long dueNanos)
      throws IOException, InterruptedException {
    switch (kind) {
      case POINT_READ -> readUser(customer, dueNanos);
      case PAGE -> readPage(customer, dueNanos);
      case CHANGE -> change(customer, dueNanos);
      case ORDER -> order(customer, dueNanos);
      case NEWEST -> newest(customer, dueNanos);
    }
  }

  private void readUser(Customer customer, long dueNanos) throws IOException, InterruptedException {
    String path = "/users/" + customer.userId();
    User user = ask(customer, services.next(), "GET", path, dueNanos).answer().as(User.class);
    demand(user.userId() == customer.userId(), "it is another user", user);
    demand(user.email().equals(User.email(customer.userId())), "it has another's email", user);
    demand(user.orders() >= Options.ORDERS_PER_USER, "it has lost orders", user);
    journal.read(user.orders() >= Options.ORDERS_PER_USER + customer.ordersPlaced());
  }

  private void readPage(Customer customer, long dueNanos) throws IOException, InterruptedException {
    List<Long> page = Stream.generate(lookedAt::draw).limit(PAGE).distinct().toList();
    String ids = page.stream().map(String::valueOf).collect(Collectors.joining(","));
    Told told = ask(customer, services.next(), "GET", "/profiles?ids=" + ids, dueNanos);
    List<Profile> shown = List.of(told.answer().as(Profile[].class));
    Set<Long> found = shown.stream().map(Profile::userId).collect(Collectors.toSet());
    demand(found.equals(Set.copyOf(page)), "the page is not complete, or of others", shown);
    demand(shown.size() == page.size(), "a user came twice", shown);
    shown.forEach(profile -> judge(customer, told, profile));
  }

  private void change(Customer customer, long dueNanos) throws IOException, InterruptedException {
    String path = "/users/" + customer.userId() + "/profile";
    Told told = ask(customer, services.next(), "PUT", path, dueNanos);
    long now = System.nanoTime();
    long version = told.answer().as(Profile.class).version();
    Change change = new Change(told.service(), customer.userId(), version, now);
    customer.changed(change);
    profiles.changed(change);
    Told back = ask(customer, Services.other(told.service()), "GET", path, now);
    judge(customer, back, back.answer().as(Profile.class));
  }

  private void judge(Customer customer, Told told, Profile shown) {
    long userId = shown.userId();
    long version = profiles.read(told.service(), userId, shown, told.begunNanos());
    if (userId == customer.userId() && customer.version() > 0) {
      boolean elsewhere = told.service() != customer.changedBy();
      profiles.readOwn(customer.version(), version, elsewhere);
    }
  }

  private void order(Customer customer, long dueNanos) throws IOException, InterruptedException {
    String path = "/users/" + customer.userId() + "/orders";
    long placed = ticks.incrementAndGet();
    journal.begun();
    Told told = ask(customer, services.next(), "POST", path + "?key=" + placed, dueNanos);
    long now = System.nanoTime();
    Order order = told.answer().as(Order.class);
    demand(order.userId() == customer.userId() && order.placed() == placed, "not it", order);
    journal.acknowledged(order, now);
    customer.placed(placed);
    Told back = ask(customer, Services.other(told.service()), "GET", path, now);
    journal.read(List.of(back.answer().as(Order[].class)).contains(order));
  }

  private void newest(Customer customer, long dueNanos) throws IOException, InterruptedException {
    long atLeast = customer.newestPlaced();
    Order[] newest =
        ask(customer, services.next(), "GET", "/orders/newest", dueNanos)
            .answer()
            .as(Order[].class);
    demand(newest.length == NEWEST, "too few newest orders", newest.length);
    journal.read(newest[0].placed() >= atLeast);
    for (int i = 1; i < newest.length; i++) {
      demand(
          Order.NEWEST_FIRST.compare(newest[i - 1], newest[i]) < 0,
          "the newest orders are out of order, or one came twice",
          newest[i]);
    }
  }

  /** Asks until told something else than to come back. */
  private Told ask(Customer customer, int first, String method, String path, long dueNanos)
      throws IOException, InterruptedException {
    int service = first;
    while (true) {
      long begun = System.nanoTime();
      Answer answer = services.at(service).exchange(customer.ask(method, path));
      long now = System.nanoTime();
      customer.sees(answer);
      OptionalLong wait = answer.comeBack();
      if (wait.isPresent()
          && now + Duration.ofSeconds(wait.getAsLong()).toNanos() - dueNanos < PATIENCE.toNanos()) {
        seconds.refused(dueNanos);
        Thread.sleep(Duration.ofSeconds(wait.getAsLong()).toMillis());
        service = services.next();
        continue;
      }
      if (answer.isRefusal()) {
        throw new IOException("no answer to " + method + " " + path + ": " + answer);
      }
      demand(answer.isGood(), method + " " + path + " is to be answered", answer);
      seconds.answered(dueNanos, now);
      return new Told(service, begun, answer);
    }
  }

  private static void demand(boolean holds, String otherwise, Object about) {
    if (!holds) {
      throw new WrongAnswerException(otherwise + ": " + about);
    }
  }

  /** Whether there is an answer of every kind: a load that never ran has no errors either. */
  boolean haveEveryKind() {
    return Stream.of(Kind.values()).allMatch(kind -> answered(kind) > 0);
  }

  /** How many visits of a kind were answered. */
  long answered(Kind kind) {
    return answered.getOrDefault(kind, new LongAdder()).sum();
  }

  /** How many answers were not what they must be. */
  long wrong() {
    return wrong.sum();
  }

  /** What the first few failures said. */
  List<String> firstErrors() {
    return List.copyOf(firstErrors);
  }

  /** Users who are there, who have all seen the same. */
  static List<Customer> customers(int count, String cookie) {
    return LongStream.rangeClosed(1, count).mapToObj(id -> new Customer(id, cookie)).toList();
  }
}
