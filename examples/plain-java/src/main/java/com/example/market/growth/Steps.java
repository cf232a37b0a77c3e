package com.example.market.growth;

import com.example.market.growth.Bench.Measured;
import io.headroom.testkit.servers.PostgresServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

/**
 * From each stage to the next: a load that is too much for the one, and what both make of it. Loads
 * are given as multiples of what one pool on one server can do.
 */
final class Steps {

  /** What the tables are called, in their order. */
  static final List<String> NAMES =
      List.of(
          "guard", "replicas", "failover", "cache", "shards", "hot-shard", "dead-shard", "limits");

  /** From the death of a server until somebody has noticed, and promotes a replica. */
  private static final Duration UNTIL_PROMOTED = Duration.ofSeconds(1);

  private final Servers servers;
  private final Bench bench;
  private final double capacity;

  /**
   * Steps on these servers.
   *
   * @param capacity requests a second that one pool on one server can do
   */
  Steps(Servers servers, Bench bench, double capacity) {
    this.servers = servers;
    this.bench = bench;
    this.capacity = capacity;
  }

  /** All of them, in the order of the stages; those that kill servers among them. */
  List<Callable<Table>> all() {
    return List.of(
        this::guard,
        this::replicas,
        this::failover,
        this::cache,
        this::shards,
        this::hotShard,
        this::deadShard,
        this::limits);
  }

  private UnaryOperator<OpenLoad> pagesAndOrders(double pages, double orders) {
    return load ->
        load.of("pages", pages * capacity, Traffic.pages())
            .of("orders", orders * capacity, Traffic.orders());
  }

  private Table guard() throws Exception {
    UnaryOperator<OpenLoad> load = pagesAndOrders(9.7, 0.3);
    Measured bare = bench.measure(Stage.ONE_DATABASE, load);
    Measured guarded = bench.measure(Stage.GUARD, load);
    return new Table(
        "guard",
        "Ten times what the database can do: 9.7 times that in pages, 0.3 in orders.",
        List.of(
            "stage",
            "served in time, of what it can do",
            "orders in time",
            "no answer within 1 s",
            "p99 of pages, ms"),
        List.of(spiked(Stage.ONE_DATABASE, bare), spiked(Stage.GUARD, guarded)),
        guarded.goodput() > 0.8 * capacity && bare.goodput() < 0.5 * guarded.goodput());
  }

  private List<String> spiked(Stage stage, Measured measured) {
    return List.of(
        stage.title(),
        percent(100 * measured.goodput() / capacity),
        percent(measured.of("orders").percentInTime()),
        percent(measured.percentLeftWaiting()),
        millis(measured.of("pages"), 99));
  }

  private Table replicas() throws Exception {
    UnaryOperator<OpenLoad> load = pagesAndOrders(1.6, 0.3);
    Measured one = bench.measure(Stage.GUARD, load);
    Measured three = bench.measure(Stage.REPLICAS, load);
    return new Table(
        "replicas",
        "1.9 times what the database can do: 1.6 times that in pages, 0.3 in orders.",
        List.of(
            "stage",
            "pages in time",
            "orders in time",
            "looks at stalls on the primary",
            "on both replicas"),
        List.of(spread(Stage.GUARD, one), spread(Stage.REPLICAS, three)),
        three.of("pages").percentInTime() > 90 && one.of("pages").percentInTime() < 75);
  }

  private static List<String> spread(Stage stage, Measured measured) {
    return List.of(
        stage.title(),
        percent(measured.of("pages").percentInTime()),
        percent(measured.of("orders").percentInTime()),
        count(measured.onPrimary()),
        count(measured.onReplicas()));
  }

  private Table failover() throws Exception {
    UnaryOperator<OpenLoad> load = pagesAndOrders(0.4, 0.2);
    Measured one = bench.measure(Stage.GUARD, load, () -> servers.primary(0).kill());
    Measured three = bench.measure(Stage.REPLICAS, load, this::failOver);
    return new Table(
        "failover",
        "0.6 times what the database can do, and its primary is killed. With replicas, one is"
            + " promoted after a second.",
        List.of(
            "stage",
            "pages in time, in the 3 s after",
            "orders in time",
            "longest time without an order, ms"),
        List.of(failed(Stage.GUARD, one), failed(Stage.REPLICAS, three)),
        three.of("pages").percentInTime() > 80 && one.of("pages").percentInTime() < 20);
  }

  private void failOver() {
    PostgresServer primary = servers.primary(0);
    List<PostgresServer> replicas = servers.replicas(0);
    primary.kill();
    Moments.awaitNanos(System.nanoTime() + UNTIL_PROMOTED.toNanos());
    replicas.get(0).promote();
    replicas.get(1).follow(replicas.get(0));
  }

  private static List<String> failed(Stage stage, Measured measured) {
    double gap = measured.of("orders").longestGapMillis();
    boolean none = gap >= Bench.LENGTH.toMillis() - 100;
    return List.of(
        stage.title(),
        percent(measured.of("pages").percentInTime()),
        percent(measured.of("orders").percentInTime()),
        none ? "none came through" : number(gap));
  }

  private Table cache() throws Exception {
    UnaryOperator<OpenLoad> load = pagesAndOrders(4, 0.1);
    Measured without = bench.measure(Stage.REPLICAS, load);
    Measured with = bench.measure(Stage.CACHE, load);
    return new Table(
        "cache",
        "4.1 times what one database can do: 4 times that in pages, by Zipf's law over "
            + Servers.STALLS
            + " stalls, and 0.1 in orders, each of which changes a page. The cache is empty at"
            + " first.",
        List.of(
            "stage",
            "pages in time",
            "p50 of pages, ms",
            "p99, ms",
            "looks at a stall in the databases, for each request served"),
        List.of(cached(Stage.REPLICAS, without), cached(Stage.CACHE, with)),
        with.of("pages").percentInTime() > 90
            && 2 * with.looksPerServed() < without.looksPerServed());
  }

  private static List<String> cached(Stage stage, Measured measured) {
    return List.of(
        stage.title(),
        percent(measured.of("pages").percentInTime()),
        millis(measured.of("pages"), 50),
        millis(measured.of("pages"), 99),
        String.format(Locale.ROOT, "%.2f", measured.looksPerServed()));
  }

  private Table shards() throws Exception {
    UnaryOperator<OpenLoad> load = pagesAndOrders(0.5, 1.5);
    Measured one = bench.measure(Stage.CACHE, load);
    Measured two = bench.measure(Stage.SHARDS, load);
    return new Table(
        "shards",
        "1.5 times what one primary can do in orders, and 0.5 in pages.",
        List.of(
            "stage", "orders in time", "orders served a second", "stalls on the fullest primary"),
        List.of(
            sharded(Stage.CACHE, one, Servers.STALLS),
            sharded(Stage.SHARDS, two, Math.max(servers.stalls(0), servers.stalls(1)))),
        two.of("orders").percentInTime() > 90 && one.of("orders").percentInTime() < 80);
  }

  private static List<String> sharded(Stage stage, Measured measured, long stalls) {
    return List.of(
        stage.title(),
        percent(measured.of("orders").percentInTime()),
        number(measured.of("orders").goodput()),
        count(stalls));
  }

  /** One stall has a sale. */
  private Table hotShard() throws Exception {
    long hot = 0;
    UnaryOperator<OpenLoad> load =
        each ->
            each.of("sale", 5 * capacity, Traffic.ordersAt(hot))
                .of("neighbours", 0.2 * capacity, Traffic.ordersAt(stalls(servers.shardOf(hot))))
                .of("elsewhere", 0.2 * capacity, Traffic.ordersAt(stallsBeside(hot)));
    Measured one = bench.measure(Stage.CACHE, load);
    Measured two = bench.measure(Stage.SHARDS, load);
    return new Table(
        "hot-shard",
        "Orders at one stall, 5 times what a primary can do; 0.2 at the others of its shard, 0.2 at"
            + " those of the other shard.",
        List.of("stage", "at that stall, in time", "at its neighbours", "elsewhere"),
        List.of(sale(Stage.CACHE, one), sale(Stage.SHARDS, two)),
        two.of("elsewhere").percentInTime() > 90 && one.of("elsewhere").percentInTime() < 60);
  }

  private static List<String> sale(Stage stage, Measured measured) {
    return List.of(
        stage.title(),
        percent(measured.of("sale").percentInTime()),
        percent(measured.of("neighbours").percentInTime()),
        percent(measured.of("elsewhere").percentInTime()));
  }

  private long[] stalls(String shard) {
    return LongStream.range(0, Servers.STALLS)
        .filter(stall -> servers.shardOf(stall).equals(shard))
        .toArray();
  }

  private long[] stallsBeside(long hot) {
    String shard = servers.shardOf(hot);
    return LongStream.range(0, Servers.STALLS)
        .filter(stall -> !servers.shardOf(stall).equals(shard))
        .toArray();
  }

  private Table deadShard() throws Exception {
    UnaryOperator<OpenLoad> load = pagesAndOrders(0.4, 0.4);
    Measured one = bench.measure(Stage.CACHE, load, () -> servers.primary(0).kill());
    Measured two = bench.measure(Stage.SHARDS, load, () -> servers.primary(0).kill());
    return new Table(
        "dead-shard",
        "0.4 times what one primary can do in orders and 0.4 in pages, and the first primary is"
            + " killed; nobody promotes a replica.",
        List.of("stage", "pages in time, in the 3 s after", "orders in time"),
        List.of(dead(Stage.CACHE, one), dead(Stage.SHARDS, two)),
        two.of("orders").percentInTime() > 35 && one.of("orders").percentInTime() < 10);
  }

  private static List<String> dead(Stage stage, Measured measured) {
    return List.of(
        stage.title(),
        percent(measured.of("pages").percentInTime()),
        percent(measured.of("orders").percentInTime()));
  }

  private Table limits() throws Exception {
    UnaryOperator<OpenLoad> load =
        each ->
            each.of("greedy", 8 * capacity, Traffic.greedy())
                .of("lists", 0.5 * capacity, Traffic.lists())
                .of("orders", 0.3 * capacity, Traffic.orders());
    Measured without = bench.measure(Stage.SHARDS, load);
    Measured with = bench.measure(Stage.LIMITS, load);
    return new Table(
        "limits",
        "One address asks for lists of orders, 8 times what one database can do, each time as"
            + " another user; all others for 0.5 in lists and 0.3 in orders.",
        List.of(
            "stage",
            "lists of the others in time",
            "p99, ms",
            "orders in time",
            "served to the greedy address a second"),
        List.of(greed(Stage.SHARDS, without), greed(Stage.LIMITS, with)),
        with.of("lists").percentInTime() > 90 && without.of("lists").percentInTime() < 75);
  }

  private static List<String> greed(Stage stage, Measured measured) {
    return List.of(
        stage.title(),
        percent(measured.of("lists").percentInTime()),
        millis(measured.of("lists"), 99),
        percent(measured.of("orders").percentInTime()),
        number(measured.of("greedy").goodput()));
  }

  private static String percent(double value) {
    return String.format(Locale.ROOT, "%.0f %%", value);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String millis(Outcome outcome, double percentile) {
    double millis = outcome.millis(percentile);
    return millis == 0 ? "none served" : millis < 10 ? oneDigit(millis) : number(millis);
  }

  private static String oneDigit(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String count(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }
}
