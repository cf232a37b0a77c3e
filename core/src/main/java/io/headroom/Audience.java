package io.headroom;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listeners, told one after the other. What one of them throws reaches neither the others nor
 * whoever tells.
 *
 * <pre>{@code
 * Audience<RoutingListener> audience =
 *     Audience.of(ReplicaDataSource.class, "cluster 'orders'", listeners);
 * audience.tell(listener -> listener.onUp("a"));
 * }</pre>
 *
 * <p>A failure is a warning once for each class of listeners, since some events come with every
 * call; further ones are logged as DEBUG. An {@link Error} is kept to the log as well: what is told
 * of has happened, and a listener that lacks a class, say, must not cost a caller its connection.
 *
 * <p>Thread-safe.
 *
 * @param <L> the type of the listeners
 */
public final class Audience<L> {

  private static final int MOST_WARNED_OF = 64;

  private final Logger log;
  private final String whose;
  private final List<L> listeners;
  private final Set<String> warnedOf = ConcurrentHashMap.newKeySet();

  private Audience(Class<?> owner, String whose, Collection<? extends L> listeners) {
    this.log = LoggerFactory.getLogger(owner);
    this.whose = Objects.requireNonNull(whose, "whose must not be null");
    this.listeners = new CopyOnWriteArrayList<>(listeners);
  }

  /**
   * Makes an audience.
   *
   * @param owner whose log is written to
   * @param whose what the log calls it, such as {@code cache 'profiles'}
   * @param listeners who listens, in the order in which they are told
   * @param <L> the type of the listeners
   * @return the audience
   */
  public static <L> Audience<L> of(
      Class<?> owner, String whose, Collection<? extends L> listeners) {
    return new Audience<>(owner, whose, listeners);
  }

  /**
   * Adds a listener, after those that are there; it hears what is told from now on.
   *
   * @param listener told once for every time it was added
   */
  public void add(L listener) {
    listeners.add(Objects.requireNonNull(listener, "listener must not be null"));
  }

  /**
   * Removes a listener, once if it was added twice; does nothing if it isn't there.
   *
   * @param listener the listener
   */
  public void remove(L listener) {
    listeners.remove(listener);
  }

  /**
   * Tells whether nobody listens, so that there is nothing to be told.
   *
   * @return true if there is no listener
   */
  public boolean isEmpty() {
    return listeners.isEmpty();
  }

  /**
   * Tells all of them, on this thread.
   *
   * @param news what to call
   */
  public void tell(Consumer<? super L> news) {
    for (L listener : listeners) {
      try {
        news.accept(listener);
      } catch (RuntimeException | Error thrown) {
        failed(listener, thrown);
      }
    }
  }

  private void failed(L listener, Throwable thrown) {
    String type = listener.getClass().getName();
    if (warnedOf.size() < MOST_WARNED_OF && warnedOf.add(type)) {
      log.warn(
          "{}: listener {} threw, which changes nothing else; further failures of its class are"
              + " logged as DEBUG",
          whose,
          type,
          thrown);
    } else {
      log.debug("{}: listener {} threw, which changes nothing else", whose, type, thrown);
    }
  }
}
