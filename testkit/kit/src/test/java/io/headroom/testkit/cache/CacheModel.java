package io.headroom.testkit.cache;

import io.headroom.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Three processes with a local tier each over one store, and the bus between them, in memory.
 * Beside each read it works out the least version that it may show, as the promises say, so that a
 * checker can be held against it.
 */
final class CacheModel {

  static final Duration PROPAGATION = Duration.ofMillis(100);
  static final Duration MAX_STALENESS = Duration.ofSeconds(1);

  /** What is wrong with the cache. */
  enum Fault {
    NONE,
    KEEPS_WHAT_IT_INVALIDATES,
    IGNORES_TOKENS,
    LOSES_MESSAGES,
    TRUSTS_A_DEAD_BUS,
    INVENTS,
    SHOWS_WHAT_FAILED
  }

  private static final List<String> PROCESSES = List.of("a", "b", "c");
  private static final List<String> KEYS = List.of("cart", "bag");

  /** An invalidation that was sent to one process, or is known to be made. */
  private record Sent(String to, String key, long dueNanos) {}

  private record Made(CacheInvalidation handle, String by, String key, long version, long nanos) {}

  private record At(String process, String key) {}

  /** A read that has its answer and has not returned. */
  private record Slow(CacheRead read, long version) {}

  private final Fault fault;
  private final ManualTime time = ManualTime.create();
  final CacheHistory history = CacheHistory.create(time::nanoTime);

  /** Reads that showed what they must not have shown. */
  final Set<CacheRead> wrong = new HashSet<>();

  private final Map<String, Long> versions = new HashMap<>();
  private final Map<String, Long> store = new HashMap<>();
  private final Map<String, Long> committed = new HashMap<>();
  private final Map<String, Long> removals = new HashMap<>();
  private final Map<String, Set<Long>> written = new HashMap<>();
  private final Map<At, Long> local = new HashMap<>();
  private final Map<At, Long> stale = new HashMap<>();
  private final List<Sent> bus = new ArrayList<>();
  private final List<Made> made = new ArrayList<>();
  private final Map<String, BusOutage> down = new HashMap<>();
  private final Map<String, Long> downSince = new HashMap<>();
  private final List<Slow> slow = new ArrayList<>();

  CacheModel(Fault fault) {
    this.fault = fault;
  }

  static String process(int number) {
    return PROCESSES.get(number % PROCESSES.size());
  }

  static String key(int number) {
    return KEYS.get(number % KEYS.size());
  }

  void write(String key, boolean removes, boolean fails) {
    long version = versions.merge(key, 1L, Long::sum);
    CacheWrite write = removes ? history.removal(key, version) : history.write(key, version);
    if (fails) {
      write.failed();
      if (fault == Fault.SHOWS_WHAT_FAILED && !removes) {
        store.put(key, version);
      }
      return;
    }
    store.put(key, removes ? 0 : version);
    committed.put(key, version);
    if (removes) {
      removals.put(key, version);
    } else {
      written.computeIfAbsent(key, any -> new HashSet<>()).add(version);
    }
    write.committed();
  }

  void invalidate(String process, String key) {
    long version = committed.getOrDefault(key, 0L);
    CacheInvalidation invalidation = history.invalidation(process, key);
    if (fault != Fault.KEEPS_WHAT_IT_INVALIDATES) {
      local.remove(new At(process, key));
      stale.remove(new At(process, key));
    }
    for (String other : PROCESSES) {
      if (!other.equals(process) && fault != Fault.LOSES_MESSAGES) {
        bus.add(new Sent(other, key, time.nanoTime() + PROPAGATION.toNanos()));
      }
    }
    invalidation.returned();
    made.add(new Made(invalidation, process, key, version, time.nanoTime()));
  }

  /**
   * Begins a read, which has its answer now and may return later; not from a faulty cache, since
   * what happens meanwhile may excuse it.
   */
  void read(String process, String key, boolean withToken, boolean declaredStale, boolean slowly) {
    deliver(process, false);
    CacheRead read = history.read(process, key);
    At at = new At(process, key);
    boolean token = false;
    if (withToken) {
      for (Made one : made) {
        if (one.key().equals(key)) {
          read.knowing(one.handle());
          token = true;
        }
      }
    }
    boolean hasStale = declaredStale && !token && stale.containsKey(at);
    long version = hasStale ? stale.get(at) : fresh(at, token);
    if (fault == Fault.INVENTS && !hasStale) {
      version++;
    }
    judge(read, at, version, token, hasStale);
    if (hasStale) {
      read.returnedStale(version);
    } else if (slowly && fault == Fault.NONE) {
      slow.add(new Slow(read, version));
    } else {
      read.returned(version);
    }
  }

  private long fresh(At at, boolean token) {
    boolean bypass = token && fault != Fault.IGNORES_TOKENS;
    Long entry = bypass || !isTrusted(at.process()) ? null : local.get(at);
    if (entry == null) {
      entry = store.getOrDefault(at.key(), 0L);
      local.put(at, entry);
      stale.put(at, entry);
    }
    return entry;
  }

  /** A bus that is down was heard of at the latest so long before. */
  private boolean isTrusted(String process) {
    Long since = downSince.get(process);
    return since == null
        || fault == Fault.TRUSTS_A_DEAD_BUS
        || time.nanoTime() - since + PROPAGATION.toNanos() <= MAX_STALENESS.toNanos();
  }

  private void judge(CacheRead read, At at, long version, boolean token, boolean declaredStale) {
    long bound = (downSince.containsKey(at.process()) ? MAX_STALENESS : PROPAGATION).toNanos();
    long least = 0;
    for (Made one : made) {
      boolean knows = one.by().equals(at.process()) || token;
      boolean late = time.nanoTime() - one.nanos() > bound && !declaredStale;
      if (one.key().equals(at.key()) && (knows || late)) {
        least = Math.max(least, one.version());
      }
    }
    if (version == 0 ? removed(at.key()) < least : version < least || !isWritten(at, version)) {
      wrong.add(read);
    }
  }

  private long removed(String key) {
    return removals.getOrDefault(key, 0L);
  }

  private boolean isWritten(At at, long version) {
    return written.getOrDefault(at.key(), Set.of()).contains(version);
  }

  void slowReadsReturn() {
    slow.forEach(one -> one.read().returned(one.version()));
    slow.clear();
  }

  void pass(Duration by) {
    time.advance(by);
  }

  void busDown(String process) {
    if (!down.containsKey(process)) {
      deliver(process, false);
      down.put(process, history.busDown(process));
      downSince.put(process, time.nanoTime());
    }
  }

  void busUp(String process) {
    BusOutage outage = down.remove(process);
    if (outage != null) {
      downSince.remove(process);
      deliver(process, true);
      outage.over();
    }
  }

  private void deliver(String process, boolean all) {
    if (downSince.containsKey(process)) {
      return;
    }
    bus.removeIf(
        sent -> {
          boolean arrives =
              sent.to().equals(process) && (all || sent.dueNanos() - time.nanoTime() <= 0);
          if (arrives) {
            local.remove(new At(process, sent.key()));
          }
          return arrives;
        });
  }
}
