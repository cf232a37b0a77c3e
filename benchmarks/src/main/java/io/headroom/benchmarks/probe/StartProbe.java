package io.headroom.benchmarks.probe;

import io.headroom.benchmarks.peers.Accounts;
import io.headroom.benchmarks.peers.Contender;
import io.headroom.benchmarks.peers.Fleet;
import io.headroom.benchmarks.peers.ShardAccess;
import java.lang.management.ManagementFactory;
import java.util.List;

/** In a fresh JVM: pools, the contender over them, one query; then what all that left behind. */
public final class StartProbe {
  static final String START = "start";
  static final String HEAP = "heap";
  static final String CLASSES = "classes";

  private StartProbe() {}

  /**
   * Runs the probe.
   *
   * @param arguments name of the contender, then the JDBC URLs
   * @throws Exception if the contender fails
   */
  public static void main(String[] arguments) throws Exception {
    long start = System.nanoTime();
    List<String> urls = List.of(arguments).subList(1, arguments.length);
    try (Fleet fleet = Fleet.open(urls);
        ShardAccess shards = Contender.valueOf(arguments[0]).open(fleet.pools())) {
      long read = Accounts.balance(shards, 42);
      long nanos = System.nanoTime() - start;
      if (read != 42) {
        throw new IllegalStateException("read " + read + " where 42 was written");
      }
      ChildJvm.report(START, (double) nanos);
      ChildJvm.report(
          CLASSES, (double) ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount());
      ChildJvm.report(HEAP, (double) Heap.usedAfterGc());
    }
    System.exit(0); // some contenders leave threads
  }
}
