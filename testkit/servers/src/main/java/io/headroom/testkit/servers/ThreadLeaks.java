package io.headroom.testkit.servers;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds threads that outlive what began them: a client's that was closed, say.
 *
 * <pre>{@code
 * ThreadLeaks leaks = ThreadLeaks.watch("lettuce-"); // before anything is begun
 * ...
 * leaks.assertNone(); // when all is closed
 * }</pre>
 *
 * <p>Immutable, and so thread-safe. What other tests in the same process begin meanwhile counts as
 * well.
 */
public final class ThreadLeaks {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<String> prefixes;
  private final Set<Thread> before;

  private ThreadLeaks(List<String> prefixes) {
    this.prefixes = prefixes;
    this.before = threads();
  }

  /**
   * Notes which threads there are now.
   *
   * @param namePrefixes how names of threads begin that are looked at, one of these
   * @return finds those that come after
   * @throws IllegalArgumentException if there is no prefix
   */
  public static ThreadLeaks watch(String... namePrefixes) {
    if (namePrefixes.length == 0) {
      throw new IllegalArgumentException("no name prefix: give one, such as \"lettuce-\"");
    }
    return new ThreadLeaks(List.of(namePrefixes));
  }

  private Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> prefixes.stream().anyMatch(thread.getName()::startsWith))
        .collect(Collectors.toSet());
  }

  /**
   * The threads that have come and are there.
   *
   * @return their names, in order
   */
  public List<String> left() {
    return threads().stream()
        .filter(thread -> !before.contains(thread))
        .map(Thread::getName)
        .sorted()
        .toList();
  }

  /**
   * Waits until none is left, for 60 s at most.
   *
   * @throws AssertionError if some are left even then; it names them
   */
  public void assertNone() {
    if (!Await.within(PATIENCE, () -> left().isEmpty())) {
      throw new AssertionError(
          "threads that nobody has ended within " + PATIENCE.toSeconds() + " s: " + left());
    }
  }

  @Override
  public String toString() {
    return "ThreadLeaks[" + String.join("*, ", prefixes) + "*, left: " + left() + "]";
  }
}
