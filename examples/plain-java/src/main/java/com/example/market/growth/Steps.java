package com.example.market.growth;

import static com.example.market.growth.Figures.count;
import static com.example.market.growth.Figures.millis;
import static com.example.market.growth.Figures.number;
import static com.example.market.growth.Figures.percent;
import static com.example.market.growth.Figures.twoDigits;

import com.example.market.growth.Bench.Measured;
import io.headroom.testkit.servers.PostgresServer;
import java.time.Duration;
import java.util.List;
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
  private final double capacity;

  /**
   * Steps on these servers.
   *
   * @param capacity requests a second that one pool on one server can do
   */
  Steps(Servers servers, double capacity) {
    this.servers = servers;
    this.capacity = capacity;
  }

  /** All of them, in the order of the stages; those that kill servers among them. */
  List<Step> all() {
    return List.of(
        guard(), replicas(), failover(), cache(), shards(), hotShard(), deadShard(), limits());
  }

  private UnaryOperator<OpenLoad> pagesAndOrders(double pages, double orders) {
    return load ->
        load.of("pages", pages * capacity, Traffic.pages())
            .of("orders", orders * capacity, Traffic.orders());
  }

  private Step guard() {
    return new Step(
            "guard",
            Stage.ONE_DATABASE,
            Stage.GUARD,
            "Ten times what the database can do: 9.7 times that in pages, 0.3 in orders.",
            pagesAndOrders(9.7, 0.3))
        .column("served in time, of what it can do", each -> percent(100 * share(each)))
        .inTime("orders in time", "orders")
        .column("no answer within 1 s", each -> percent(each.percentLeftWaiting()))
        .column("p99 of pages, ms", each -> millis(each.of("pages"), 99))
        .promise(
            "the pool does what it can, and could not before",
            (bare, guarded) -> share(guarded) > 0.8 && bare.goodput() < 0.5 * guarded.goodput())
        .promise("orders are served first", (bare, guarded) -> inTime(guarded, "orders") > 95)
        .promise(
            "who can't be served is told so", (bare, guarded) -> guarded.percentLeftWaiting() < 2);
  }

  /** Of what the pool can do. */
  private double share(Measured measured) {
    return measured.goodput() / capacity;
  }

  private static double inTime(Measured measured, String requests) {
    return measured.of(requests).percentInTime();
  }

  private Step replicas() {
    return new Step(
            "replicas",
            Stage.GUARD,
            Stage.REPLICAS,
            "1.9 times what the database can do: 1.6 times that in pages, 0.3 in orders.",
            pagesAndOrders(1.6, 0.3))
        .inTime("pages in time", "pages")
        .inTime("orders in time", "orders")
        .column("looks at stalls on the primary", each -> count(each.onPrimary()))
        .column("on both replicas", each -> count(each.onReplicas()))
        .promise(
            "pages are served, and could not be before",
            (one, three) -> inTime(three, "pages") > 90 && inTime(one, "pages") < 75);
  }

  private Step failover() {
    return new Step(
            "failover",
            Stage.GUARD,
            Stage.REPLICAS,
            "0.6 times what the database can do, and its primary is killed. With replicas, one is"
                + " promoted after a second.",
            pagesAndOrders(0.4, 0.2))
        .with(() -> servers.primary(0).kill(), this::failOver)
        .inTime("pages in time, in the 3 s after", "pages")
        .inTime("orders in time", "orders")
        .column("longest time without an order, ms", Steps::withoutAnOrder)
        .promise(
            "pages are read on, and were not before",
            (one, three) -> inTime(three, "pages") > 95 && inTime(one, "pages") < 20)
        .promise("no reader hears of it", (one, three) -> failures(three, "pages") == 0)
        .promise(
            "orders go on with whoever was promoted", (one, three) -> inTime(three, "orders") > 80);
  }

  private static long failures(Measured measured, String requests) {
    return measured.of(requests).failures().all();
  }

  private void failOver() {
    PostgresServer primary = servers.primary(0);
    List<PostgresServer> replicas = servers.replicas(0);
    primary.kill();
    Moments.awaitNanos(System.nanoTime() + UNTIL_PROMOTED.toNanos());
    replicas.get(0).promote();
    replicas.get(1).follow(replicas.get(0));
  }

  private static String withoutAnOrder(Measured measured) {
    double gap = measured.of("orders").longestGapMillis();
    boolean none = gap >= Bench.LENGTH.toMillis() - 100;
    return none ? "none came through" : number(gap);
  }

  private Step cache() {
    return new Step(
            "cache",
            Stage.REPLICAS,
            Stage.CACHE,
            "4.1 times what one database can do: 4 times that in pages, by Zipf's law over "
                + Servers.STALLS
                + " stalls, and 0.1 in orders, each of which changes a page. The cache is empty at"
                + " first.",
            pagesAndOrders(4, 0.1))
        .inTime("pages in time", "pages")
        .column("p50 of pages, ms", each -> millis(each.of("pages"), 50))
        .column("p99, ms", each -> millis(each.of("pages"), 99))
        .column(
            "looks at a stall in the databases, for each request served",
            each -> twoDigits(each.looksPerServed()))
        .promise("pages are served", (without, with) -> inTime(with, "pages") > 90)
        .promise(
            "the databases are asked for less than half",
            (without, with) -> 2 * with.looksPerServed() < without.looksPerServed());
  }

  private Step shards() {
    return new Step(
            "shards",
            Stage.CACHE,
            Stage.SHARDS,
            "1.5 times what one primary can do in orders, and 0.5 in pages.",
            pagesAndOrders(0.5, 1.5))
        .inTime("orders in time", "orders")
        .column("orders served a second", each -> number(each.of("orders").goodput()))
        .column("stalls on the fullest primary", each -> count(servers.mostStalls(each.stage())))
        .promise(
            "orders are served, and could not be before",
            (one, two) -> inTime(two, "orders") > 90 && inTime(one, "orders") < 80);
  }

  /** One stall has a sale. */
  private Step hotShard() {
    long hot = 0;
    return new Step(
            "hot-shard",
            Stage.CACHE,
            Stage.SHARDS,
            "Orders at one stall, 5 times what a primary can do; 0.2 at the others of its shard,"
                + " 0.2 at those of the other shard.",
            load ->
                load.of("sale", 5 * capacity, Traffic.ordersAt(hot))
                    .of("neighbours", 0.2 * capacity, Traffic.ordersAt(stallsBeside(hot, true)))
                    .of("elsewhere", 0.2 * capacity, Traffic.ordersAt(stallsBeside(hot, false))))
        .inTime("at that stall, in time", "sale")
        .inTime("at its neighbours", "neighbours")
        .inTime("elsewhere", "elsewhere")
        .promise(
            "orders elsewhere are served, and were not before",
            (one, two) -> inTime(two, "elsewhere") > 90 && inTime(one, "elsewhere") < 60);
  }

  /** Those on its shard, itself among them, or all others. */
  private long[] stallsBeside(long hot, boolean sameShard) {
    String shard = servers.shardOf(hot);
    return LongStream.range(0, Servers.STALLS)
        .filter(stall -> servers.shardOf(stall).equals(shard) == sameShard)
        .toArray();
  }

  private Step deadShard() {
    return new Step(
            "dead-shard",
            Stage.CACHE,
            Stage.SHARDS,
            "0.4 times what one primary can do in orders and 0.4 in pages, and the first primary"
                + " is killed; nobody promotes a replica.",
            pagesAndOrders(0.4, 0.4))
        .with(() -> servers.primary(0).kill(), () -> servers.primary(0).kill())
        .inTime("pages in time, in the 3 s after", "pages")
        .inTime("orders in time", "orders")
        .promise(
            "pages are read on, as before",
            (one, two) -> inTime(one, "pages") > 95 && inTime(two, "pages") > 95)
        .promise(
            "no reader hears of it",
            (one, two) -> failures(one, "pages") == 0 && failures(two, "pages") == 0)
        .promise(
            "orders go on at the other shard, and went on nowhere before",
            (one, two) -> inTime(two, "orders") > 40 && inTime(one, "orders") < 10);
  }

  private Step limits() {
    return new Step(
            "limits",
            Stage.SHARDS,
            Stage.LIMITS,
            "One address asks for lists of orders, 8 times what one database can do, each time as"
                + " another user; all others for 0.5 in lists and 0.3 in orders.",
            load ->
                load.of("greedy", 8 * capacity, Traffic.greedy())
                    .of("lists", 0.5 * capacity, Traffic.lists())
                    .of("orders", 0.3 * capacity, Traffic.orders()))
        .inTime("lists of the others in time", "lists")
        .column("p99, ms", each -> millis(each.of("lists"), 99))
        .inTime("orders in time", "orders")
        .column(
            "served to the greedy address a second", each -> number(each.of("greedy").goodput()))
        .promise(
            "the others are served, and were not before",
            (without, with) -> inTime(with, "lists") > 90 && inTime(without, "lists") < 75);
  }
}
