package io.headroom;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A request's open write transactions, and what waits for their end. Thread-safe. */
final class WriteTransactions {

  private volatile int open;

  /** By what it is about; null while there is nothing. */
  private @Nullable Map<Object, Runnable> waiting;

  boolean areOpen() {
    return open > 0;
  }

  synchronized void opened() {
    open++;
  }

  void closed() {
    List<Runnable> due;
    synchronized (this) {
      if (open == 0) {
        throw new IllegalStateException(
            "no write transaction is open in this context: close one once, on the context it"
                + " opened");
      }
      open--;
      due = waiting == null ? List.of() : List.copyOf(waiting.values());
      if (open == 0) {
        waiting = null;
      }
    }
    due.forEach(WriteTransactions::run);
  }

  /** False if no transaction is open to wait for. */
  synchronized boolean defer(Object subject, Runnable task) {
    if (open == 0) {
      return false;
    }
    Map<Object, Runnable> tasks = waiting;
    if (tasks == null) {
      tasks = new LinkedHashMap<>();
      waiting = tasks;
    }
    tasks.put(subject, task);
    return true;
  }

  synchronized boolean isDeferred(Object subject) {
    return waiting != null && waiting.containsKey(subject);
  }

  /** The transaction has ended, whatever a task makes of that. */
  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException thrown) {
      Logger log = LoggerFactory.getLogger(RequestContext.class);
      log.warn("what was left for the end of a write transaction failed", thrown);
    }
  }
}
