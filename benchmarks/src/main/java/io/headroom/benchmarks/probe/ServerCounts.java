package io.headroom.benchmarks.probe;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * What Redis servers count of their clients: how often something arrived on a connection (what a
 * client sends at once on one connection is one round trip, give or take where TCP parts it), and
 * how many commands that was.
 */
final class ServerCounts implements AutoCloseable {
  private static final Set<String> SCRIPTS = Set.of("eval", "evalsha", "fcall");

  /** What servers send each other, and clients when they connect, look around or are idle. */
  private static final Set<String> ASIDE =
      Set.of("info", "ping", "hello", "replconf", "psync", "cluster", "client", "config");

  private static final long OWN_READS = 2; // of a server, at a count

  private final RedisClient client = RedisClient.create();
  private final List<RedisCommands<String, String>> servers;

  /** What came while nobody was measured, in so long. */
  private Count background = new Count(0, 0, 0);

  private long backgroundNanos = 1;

  ServerCounts(List<String> uris) {
    servers =
        uris.stream()
            .map(RedisURI::create)
            .map(client::connect)
            .map(StatefulRedisConnection::sync)
            .toList();
  }

  /**
   * Counts so far.
   *
   * @param reads of the servers' sockets
   * @param scripts that were run
   * @param commands that were run, those within scripts too
   */
  record Count(long reads, long scripts, long commands) {

    Count plus(Count more) {
      return new Count(reads + more.reads, scripts + more.scripts, commands + more.commands);
    }

    Count minus(Count before) {
      return new Count(reads - before.reads, scripts - before.scripts, commands - before.commands);
    }

    private Count times(double factor) {
      return new Count(
          Math.round(reads * factor), Math.round(scripts * factor), Math.round(commands * factor));
    }

    /** Whoever sends scripts sends nothing else here, and at least one a call. */
    long sent(long calls) {
      return scripts >= calls ? scripts : commands;
    }
  }

  /** Asks all servers. */
  Count take() {
    return servers.stream().map(ServerCounts::count).reduce(new Count(0, 0, 0), Count::plus);
  }

  /** What has come since, but for the questions after it. */
  Count since(Count before) {
    return take().minus(before.plus(new Count(OWN_READS * servers.size(), 0, 0)));
  }

  /** The same, but for what all of them send in the background in so long. */
  Count since(Count before, long tookNanos) {
    return since(before).minus(background.times((double) tookNanos / backgroundNanos));
  }

  /** Counts what all clients send while nobody asks them for anything. */
  void watchBackground(Duration length) throws InterruptedException {
    long begin = System.nanoTime();
    Count before = take();
    Thread.sleep(length.toMillis());
    background = since(before);
    backgroundNanos = System.nanoTime() - begin;
  }

  private static Count count(RedisCommands<String, String> server) {
    String reads =
        server
            .info("stats")
            .lines()
            .filter(line -> line.startsWith("total_reads_processed:"))
            .findFirst()
            .orElseThrow();
    Count commands =
        server
            .info("commandstats")
            .lines()
            .filter(line -> line.startsWith("cmdstat_"))
            .map(ServerCounts::calls)
            .reduce(new Count(0, 0, 0), Count::plus);
    return commands.plus(new Count(Long.parseLong(reads.substring(reads.indexOf(':') + 1)), 0, 0));
  }

  /** A line such as {@code cmdstat_cluster|nodes:calls=3,usec=…}. */
  private static Count calls(String line) {
    String command = line.substring("cmdstat_".length(), line.indexOf(':')).split("\\|", 2)[0];
    long calls = Long.parseLong(line.substring(line.indexOf('=') + 1, line.indexOf(',')));
    return new Count(0, SCRIPTS.contains(command) ? calls : 0, ASIDE.contains(command) ? 0 : calls);
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
