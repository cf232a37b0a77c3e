package com.example.market.growth;

import com.example.market.Request;
import com.example.market.Request.Kind;
import java.util.Random;
import java.util.function.Function;

/** Who comes to the market, and for what. */
final class Traffic {

  private static final int USERS = 10_000;
  private static final String GREEDY = "203.0.113.66";

  /** Share of the first so many stalls, by Zipf's law: the k-th is asked for 1/k as often. */
  private static final double[] SHARE = new double[Servers.STALLS];

  static {
    double sum = 0;
    for (int i = 0; i < SHARE.length; i++) {
      sum += 1.0 / (i + 1);
      SHARE[i] = sum;
    }
  }

  private Traffic() {}

  /** Pages, some of them much more often than others. */
  static Function<Random, Request> pages() {
    return random -> of(Kind.PAGE, popular(random), random);
  }

  /** Orders at any stall. */
  static Function<Random, Request> orders() {
    return random -> of(Kind.ORDER, random.nextInt(Servers.STALLS), random);
  }

  /** Orders at some stalls. */
  static Function<Random, Request> ordersAt(long... stalls) {
    return random -> of(Kind.ORDER, stalls[random.nextInt(stalls.length)], random);
  }

  /** Lists of a stall's orders, which no stage keeps in a cache. */
  static Function<Random, Request> lists() {
    return random -> of(Kind.ORDERS, random.nextInt(Servers.STALLS), random);
  }

  /** The same, all from one address, each time as another user. */
  static Function<Random, Request> greedy() {
    return random ->
        new Request(Kind.ORDERS, random.nextInt(Servers.STALLS), user(random), GREEDY, "");
  }

  private static Request of(Kind kind, long stall, Random random) {
    int user = random.nextInt(USERS);
    return new Request(kind, stall, "user " + user, address(user), "");
  }

  private static String user(Random random) {
    return "user " + random.nextInt(USERS);
  }

  private static String address(int user) {
    return "198.18." + user / 256 + "." + user % 256;
  }

  private static long popular(Random random) {
    double drawn = random.nextDouble() * SHARE[SHARE.length - 1];
    int low = 0;
    int high = SHARE.length - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (SHARE[middle] < drawn) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
