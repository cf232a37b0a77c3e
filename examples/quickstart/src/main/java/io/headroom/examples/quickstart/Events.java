package io.headroom.examples.quickstart;

import io.headroom.examples.quickstart.report.Level;
import io.headroom.examples.quickstart.report.Mark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Tells what happens as it happens, and keeps it for the report: what is done to the servers and,
 * further to the right, what the services make of it. Begins with {@link #start}. Thread-safe.
 */
final class Events implements ServiceProcess.Listener {

  private static final String NORMAL = "NORMAL";

  private record Begun(double at, String level) {}

  private final Screen screen;
  private final List<Mark> marks = new ArrayList<>();
  private final List<Level> levels = new ArrayList<>();
  private final Map<String, Begun> levelsNow = new HashMap<>();
  private long startNanos;
  private boolean started;
  private boolean loud;

  Events(Screen screen) {
    this.screen = screen;
  }

  /** Counts seconds from now. */
  synchronized void start() {
    startNanos = System.nanoTime();
    started = true;
    loud = true;
  }

  /** Shows nothing any more, or again; what happens is kept all the same. */
  synchronized void show(boolean all) {
    loud = all;
  }

  synchronized void stop() {
    for (String pool : List.copyOf(levelsNow.keySet())) {
      level(pool, NORMAL);
    }
    started = false;
  }

  private double now() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  synchronized void tell(String what) {
    if (started && loud) {
      screen.line(String.format(Locale.ROOT, "   %6.2f s  %s", now(), what));
    }
  }

  /** Tells of what is done to the servers, or asked of the services: the report marks it. */
  synchronized void mark(String what) {
    if (started) {
      marks.add(new Mark(now(), what));
      tell(what);
    }
  }

  @Override
  public synchronized void onEvent(String service, String what) {
    tell("   %s: %s".formatted(service, what));
  }

  @Override
  public synchronized void onLevel(String service, String pool, String from, String to) {
    if (started) {
      level(service + " " + pool, to);
      tell("   %s: the pool of %s is %s, after %s".formatted(service, pool, to, from));
    }
  }

  private void level(String pool, String to) {
    Begun before = levelsNow.remove(pool);
    if (before != null) {
      levels.add(new Level(before.at(), now(), pool, before.level()));
    }
    if (!to.equals(NORMAL)) {
      levelsNow.put(pool, new Begun(now(), to));
    }
  }

  synchronized List<Mark> marks() {
    return List.copyOf(marks);
  }

  /** The times in which a pool of a service was not normal. */
  synchronized List<Level> levels() {
    return List.copyOf(levels);
  }
}
