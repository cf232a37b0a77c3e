package io.headroom.examples.quickstart.service;

import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.RateLimitListener;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts what came of all who asked, and of each of the addresses that asked last. A limiter tells
 * no listener who asks, since most need not know; but it tells on the thread that asks.
 * Thread-safe.
 */
final class EntriesByAddress implements RateLimitListener {

  /** Of so many addresses, some megabytes. */
  static final int MOST = 20_000;

  private final ThreadLocal<String> asking = new ThreadLocal<>();
  private final Entries.Counter all = new Entries.Counter();
  private final Map<String, Entries.Counter> latest = new LinkedHashMap<>(16, 0.75f, true);

  /** On this thread an address is about to ask; returns it. */
  String asks(String address) {
    asking.set(address);
    return address;
  }

  @Override
  public void onAdmitted(String limiter, Decision decision) {
    add(decision);
  }

  @Override
  public void onRefused(String limiter, Decision decision) {
    add(decision);
  }

  private void add(Decision decision) {
    all.add(decision);
    String address = asking.get();
    if (address != null) {
      counter(address).add(decision);
    }
  }

  private Entries.Counter counter(String address) {
    synchronized (latest) {
      Entries.Counter counter = latest.computeIfAbsent(address, same -> new Entries.Counter());
      if (latest.size() > MOST) {
        Iterator<String> oldest = latest.keySet().iterator();
        oldest.next();
        oldest.remove();
      }
      return counter;
    }
  }

  Entries all() {
    return all.sum();
  }

  /** None of an address that has not asked, or not for long. */
  Entries of(String address) {
    synchronized (latest) {
      Entries.Counter counter = latest.get(address);
      return counter == null ? Entries.NONE : counter.sum();
    }
  }
}
