package io.headroom;

/**
 * Tells how loaded a resource is, so that one hot shard does not degrade the others.
 *
 * <pre>{@code
 * if (signal.level("shard-07").atLeast(LoadLevel.HIGH)) {
 *   return staleValue;
 * }
 * }</pre>
 *
 * <p>Implementations are thread-safe and cheap enough to ask on every request.
 */
@FunctionalInterface
public interface LoadSignal {

  /**
   * Reads the level of a resource.
   *
   * @param resource the resource's name, as its guard was given it
   * @return its level; {@link LoadLevel#NORMAL} for a resource that nobody watches
   */
  LoadLevel level(String resource);

  /**
   * Returns a signal for an application without guards.
   *
   * @return a signal that says {@link LoadLevel#NORMAL} of everything
   */
  static LoadSignal normal() {
    return resource -> LoadLevel.NORMAL;
  }
}
