package io.headroom.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds threads that outlive what began them. */
final class Leaks {

  private static final List<String> OURS = List.of("headroom-limits", "lettuce-");

  private final Set<Thread> before = threads();

  /** Notes which threads there are now. */
  Leaks() {}

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> OURS.stream().anyMatch(thread.getName()::startsWith))
        .collect(Collectors.toSet());
  }

  /** No thread of ours is left that was not there before. */
  void assertNoThreads() {
    await("threads to end")
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              Set<Thread> left = threads();
              left.removeAll(before);
              assertThat(left.stream().map(Thread::getName).sorted().toList()).isEmpty();
            });
  }

  /** How many clients a server has, but for who asks. */
  static long clients(RedisServer server) {
    return server.command("CLIENT", "LIST", "TYPE", "normal").text().lines().count()
        + server.command("CLIENT", "LIST", "TYPE", "pubsub").text().lines().count()
        - 1;
  }
}
