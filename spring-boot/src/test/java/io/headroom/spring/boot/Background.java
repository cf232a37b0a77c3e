package io.headroom.spring.boot;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;

/** Threads beside a test's own: those that it begins, and those that it counts. */
final class Background {

  private Background() {}

  /** Work that may hang for ever, and the end of the JVM does not wait for. */
  static <T> FutureTask<T> begun(Callable<T> work) {
    FutureTask<T> task = new FutureTask<>(work);
    Thread thread = new Thread(task, "test-background");
    thread.setDaemon(true);
    thread.start();
    return task;
  }

  /** What is promised, on a machine that does more than this. */
  static Duration slowly(Duration promised) {
    return promised.plusSeconds(10);
  }

  /** How many logins are under way beside pools. */
  static long knocking() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("headroom-knock"))
        .count();
  }
}
