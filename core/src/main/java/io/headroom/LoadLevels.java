package io.headroom;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The load levels of one application: guards write them, everyone reads them.
 *
 * <pre>{@code
 * LoadLevels levels = new LoadLevels();
 * levels.set("shard-07", LoadLevel.HIGH);   // a guard does
 * levels.level("shard-07");                 // HIGH
 * levels.level("shard-08");                 // NORMAL
 * }</pre>
 *
 * <p>Thread-safe; reading never locks. A resource has one writer, its guard: were there two at
 * once, the last one counts, but listeners might hear of them in either order. Memory is held only
 * for resources above {@link LoadLevel#NORMAL}.
 */
public final class LoadLevels implements LoadSignal {

  private final Map<String, LoadLevel> levels = new ConcurrentHashMap<>();
  private final Audience<Listener> listeners =
      Audience.of(LoadLevels.class, "load levels", List.of());

  /** Creates levels that are all {@link LoadLevel#NORMAL}. */
  public LoadLevels() {}

  /** Hears of changes, on the thread that makes them. */
  @FunctionalInterface
  public interface Listener {

    /**
     * Called after a resource's level changed; what it throws is logged and goes no further.
     *
     * @param resource the resource's name
     * @param from the level before
     * @param to the level now
     */
    void onLevelChanged(String resource, LoadLevel from, LoadLevel to);
  }

  @Override
  public LoadLevel level(String resource) {
    Objects.requireNonNull(resource, "resource must not be null");
    return levels.getOrDefault(resource, LoadLevel.NORMAL);
  }

  /**
   * Sets the level of a resource and tells the listeners if that is a change.
   *
   * @param resource the resource's name
   * @param level its level from now on
   */
  public void set(String resource, LoadLevel level) {
    Objects.requireNonNull(resource, "resource must not be null");
    Objects.requireNonNull(
        level, () -> "level of resource '" + resource + "' must not be null; NORMAL clears it");
    LoadLevel before =
        level == LoadLevel.NORMAL ? levels.remove(resource) : levels.put(resource, level);
    LoadLevel from = before == null ? LoadLevel.NORMAL : before;
    if (from != level) {
      listeners.tell(listener -> listener.onLevelChanged(resource, from, level));
    }
  }

  /**
   * Adds a listener; it hears of changes from now on.
   *
   * @param listener called once per change for every time it was added
   */
  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  /**
   * Removes a listener, once if it was added twice; does nothing if it isn't there.
   *
   * @param listener the listener to remove
   */
  public void removeListener(Listener listener) {
    listeners.remove(listener);
  }
}
