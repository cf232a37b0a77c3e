package io.headroom.sharding;

import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One observer of a store: told one thing at a time, and nothing after its watch has ended. */
final class Registration implements ShardMapStore.Watch {

  private static final Logger LOG = LoggerFactory.getLogger(ShardMapStore.class);

  private final String store;
  private final ShardMapStore.Observer observer;
  private final Consumer<Registration> onClose;
  private @Nullable Object seen;
  private volatile boolean ended;

  Registration(String store, ShardMapStore.Observer observer, Consumer<Registration> onClose) {
    this.store = store;
    this.observer = Objects.requireNonNull(observer, "observer must not be null");
    this.onClose = onClose;
  }

  /** Tells of the store's map, which is the one told before if its stamp is. */
  synchronized void tell(Object stamp, ShardMap map) {
    boolean same = stamp.equals(seen);
    guarded(
        () -> {
          seen = stamp;
          if (same) {
            observer.unchanged();
          } else {
            observer.changed(map);
          }
        });
  }

  synchronized void tell(ShardingException cause) {
    guarded(() -> observer.failed(cause));
  }

  private void guarded(Runnable call) {
    if (ended) {
      return;
    }
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      LOG.warn("an observer of {} threw; the watch goes on", store, e);
    }
  }

  /** Ends the watch on behalf of the store, which waits for no call under way. */
  void end() {
    ended = true;
  }

  @Override
  public void close() {
    ended = true;
    onClose.accept(this);
    synchronized (this) {
      // a call under way is over now, unless it is this thread's own
      seen = null;
    }
  }
}
