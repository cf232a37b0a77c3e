package io.headroom.testkit.sharding;

import io.headroom.sharding.Membership;
import io.headroom.sharding.Shard;
import io.headroom.sharding.ShardState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Laws 1 to 4 over members: where keys are, and what a change of the members does. */
final class PlacementLaws<K> {

  private static final int ORDERS = 3;
  private static final int THREADS = 4;

  /** Below this, χ² is no longer close to its distribution (Cochran, 1954). */
  private static final double LEAST_EXPECTED = 5;

  private final RouterSubject<K> subject;

  PlacementLaws(RouterSubject<K> subject) {
    this.subject = subject;
  }

  void total(Membership members, Collection<? extends K> keys) {
    Routing<K> routing = subject.over(members.shards());
    keys.forEach(routing::shardOf);
    refuses(routing, null);
    subject.unknownKeys.forEach(key -> refuses(routing, key));
  }

  @SuppressWarnings("NullAway") // null is what the router is tried with
  private void refuses(Routing<K> routing, @org.jspecify.annotations.Nullable K key) {
    String guess;
    try {
      guess = routing.route().apply(key);
    } catch (RuntimeException refused) {
      return;
    }
    throw Broken.law(
        ShardLaw.TOTAL,
        subject,
        "%s was guessed to be on '%s'; it should have been refused by an exception",
        Broken.key(key),
        guess);
  }

  void deterministic(Membership members, Collection<? extends K> keys) {
    Map<K, String> expected = placement(subject.over(members.shards()), keys);
    Random random = new Random(members.shards().size());
    for (int i = 0; i < ORDERS; i++) {
      List<Shard> shuffled = new ArrayList<>(members.shards());
      Collections.shuffle(shuffled, random);
      Routing<K> again = subject.over(shuffled);
      requireSame(expected, again, "with the members in the order " + Broken.members(shuffled));
      requireSame(expected, again, "when asked again");
    }
    inManyThreads(expected, subject.over(members.shards()));
  }

  private void inManyThreads(Map<K, String> expected, Routing<K> shared) {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        results.add(
            threads.submit(() -> requireSame(expected, shared, "while other threads ask as well")));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Broken broken) {
        throw broken;
      }
      throw new IllegalStateException("a thread of the law failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for the law's threads", e);
    } finally {
      threads.shutdownNow();
    }
  }

  private void requireSame(Map<K, String> expected, Routing<K> routing, String circumstance) {
    expected.forEach(
        (key, shard) -> {
          String now = routing.shardOf(key);
          if (!now.equals(shard)) {
            throw Broken.law(
                ShardLaw.DETERMINISTIC,
                subject,
                "%s was on '%s' and is on '%s' %s",
                Broken.key(key),
                shard,
                now,
                circumstance);
          }
        });
  }

  void equalKeys(Membership members, Collection<? extends K> keys) {
    RouterSubject.Untyped<K> untyped = RouterSubject.given(subject.untyped);
    Routing<K> routing = subject.over(members.shards());
    var untypedRouting = untyped.routing().apply(subject.mapOf(members.shards()));
    for (K key : keys) {
      String shard = routing.shardOf(key);
      for (Object form : untyped.forms().apply(key)) {
        String other = untypedRouting.apply(form);
        if (!shard.equals(other)) {
          throw Broken.law(
              ShardLaw.EQUAL_KEYS,
              subject,
              "%s is on '%s', but the equal %s on '%s'",
              Broken.key(key),
              shard,
              Broken.key(form),
              other);
        }
      }
    }
  }

  void joining(Membership members, Shard joining, Collection<? extends K> keys) {
    Membership after = members.with(joining);
    oneSided(members, after, keys, joining.id(), true, "joined");
    oneSided(after, members, keys, joining.id(), false, "left");
  }

  void reweighting(Membership members, String id, double factor, Collection<? extends K> keys) {
    Shard before = find(members, id);
    Membership after = members.withWeight(id, before.weight() * factor);
    String what = "had its weight times " + factor;
    oneSided(members, after, keys, id, factor > 1, what);
  }

  private static Shard find(Membership members, String id) {
    return members.shards().stream()
        .filter(shard -> shard.id().equals(id))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no member has the id '" + id + "'"));
  }

  private void oneSided(
      Membership before,
      Membership after,
      Collection<? extends K> keys,
      String changedId,
      boolean gains,
      String what) {
    Routing<K> then = subject.over(before.shards());
    Routing<K> now = subject.over(after.shards());
    for (K key : keys) {
      String from = then.shardOf(key);
      String to = now.shardOf(key);
      if (!from.equals(to) && !(gains ? to : from).equals(changedId)) {
        throw Broken.law(
            ShardLaw.MINIMAL_DISRUPTION,
            subject,
            "%s moved from '%s' to '%s' when '%s' %s; members were %s",
            Broken.key(key),
            from,
            to,
            changedId,
            what,
            Broken.members(before.shards()));
      }
    }
  }

  void movedShare(Membership members, Shard joining, Collection<? extends K> keys) {
    Set<K> distinct = new LinkedHashSet<>(keys);
    Membership after = members.with(joining);
    Routing<K> then = subject.over(members.shards());
    Routing<K> now = subject.over(after.shards());
    long moved = distinct.stream().filter(k -> !then.shardOf(k).equals(now.shardOf(k))).count();

    double share = joining.weight() / totalWeight(after);
    double expected = share * distinct.size();
    double clump = clump(after, distinct.size());
    double variance = expected * (1 - share) * clump;
    // a slot's worth of keys moves at once; none holds more than a few times its share
    double limit = Statistics.deviationLimit(variance, 2 * clump);
    if (Math.abs(moved - expected) > limit) {
      throw Broken.law(
          ShardLaw.MOVED_SHARE,
          subject,
          "%d of %d keys moved when '%s' joined with %.4f of the weight, %.0f ± %.0f were to be"
              + " expected; members were %s",
          moved,
          distinct.size(),
          joining.id(),
          share,
          expected,
          limit,
          Broken.members(members.shards()));
    }
  }

  void balance(Membership members, Collection<? extends K> keys) {
    Set<K> distinct = new LinkedHashSet<>(keys);
    Map<String, Double> expected = expectedCounts(members, distinct.size());
    Map<String, Integer> counts = new LinkedHashMap<>();
    Routing<K> routing = subject.over(members.shards());
    distinct.forEach(key -> counts.merge(routing.shardOf(key), 1, Integer::sum));

    double chiSquare = 0;
    int cells = 0;
    double restExpected = 0;
    double restCount = 0;
    for (Map.Entry<String, Double> shard : expected.entrySet()) {
      int count = counts.getOrDefault(shard.getKey(), 0);
      if (shard.getValue() < LEAST_EXPECTED) {
        restExpected += shard.getValue();
        restCount += count;
      } else {
        chiSquare += square(count - shard.getValue()) / shard.getValue();
        cells++;
      }
    }
    if (restExpected >= LEAST_EXPECTED) {
      chiSquare += square(restCount - restExpected) / restExpected;
      cells++;
    }
    chiSquare /= clump(members, distinct.size());
    if (cells > 1 && chiSquare > Statistics.chiSquareLimit(cells - 1)) {
      throw Broken.law(
          ShardLaw.BALANCE,
          subject,
          "χ² of %d keys on %d shards is %.1f, above the limit of %.1f that a fair router exceeds"
              + " once in a million times; farthest off is %s; members are %s",
          distinct.size(),
          cells,
          chiSquare,
          Statistics.chiSquareLimit(cells - 1),
          farthest(expected, counts),
          Broken.members(members.shards()));
    }
  }

  private static Map<String, Double> expectedCounts(Membership members, int keys) {
    Map<String, Double> expected = new LinkedHashMap<>();
    double total = totalWeight(members);
    for (Shard shard : members.shards()) {
      if (shard.state() == ShardState.ACTIVE) {
        expected.put(shard.id(), keys * shard.weight() / total);
      }
    }
    return expected;
  }

  private static double totalWeight(Membership members) {
    return members.shards().stream()
        .filter(shard -> shard.state() == ShardState.ACTIVE)
        .mapToDouble(Shard::weight)
        .sum();
  }

  /**
   * By how much the variance exceeds that of independent keys: keys of one slot go together, so n
   * keys on s slots vary by 1 + n/s times as much.
   */
  private double clump(Membership members, int keys) {
    return subject.layout == null
        ? 1
        : 1 + (double) keys / subject.mapOf(members.shards()).slotCount();
  }

  private static String farthest(Map<String, Double> expected, Map<String, Integer> counts) {
    return expected.entrySet().stream()
        .max(
            (a, b) ->
                Double.compare(
                    deviation(a.getValue(), counts.getOrDefault(a.getKey(), 0)),
                    deviation(b.getValue(), counts.getOrDefault(b.getKey(), 0))))
        .map(
            shard ->
                String.format(
                    Locale.ROOT,
                    "'%s' with %d keys, where %.0f were to be expected",
                    shard.getKey(),
                    counts.getOrDefault(shard.getKey(), 0),
                    shard.getValue()))
        .orElse("none");
  }

  private static double deviation(double expected, int count) {
    return Math.abs(count - expected) / Math.sqrt(expected);
  }

  private static double square(double value) {
    return value * value;
  }

  private Map<K, String> placement(Routing<K> routing, Collection<? extends K> keys) {
    Map<K, String> placement = new LinkedHashMap<>();
    keys.forEach(key -> placement.put(key, routing.shardOf(key)));
    return placement;
  }
}
