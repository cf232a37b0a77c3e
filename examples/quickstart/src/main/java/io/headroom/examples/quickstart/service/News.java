package io.headroom.examples.quickstart.service;

import io.headroom.LoadLevel;
import io.headroom.guard.GuardListener;
import io.headroom.routing.RoutingListener;
import java.io.PrintStream;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells on standard output what becomes of servers and pools, a line each: {@value #EVENT} and what
 * has happened, or {@value #LEVEL}, a pool, and the levels before and now. Thread-safe.
 */
public final class News implements GuardListener, RoutingListener {

  /** Begins a line of what has happened. */
  public static final String EVENT = "event";

  /** Begins a line of a level. */
  public static final String LEVEL = "level";

  /** Begins the line that says at which port the service listens. */
  public static final String LISTENING = "listening";

  private final PrintStream out;

  News(PrintStream out) {
    this.out = out;
  }

  void say(String what, String about) {
    out.println(what + " " + about);
  }

  @Override
  public void onLevelChanged(String resource, LoadLevel from, LoadLevel to) {
    say(LEVEL, resource + " " + from + " " + to);
  }

  @Override
  public void onUp(String cluster, String node) {
    noticed(cluster, "%s answers again".formatted(node));
  }

  @Override
  public void onDown(String cluster, String node, Exception cause) {
    noticed(cluster, "%s does not answer".formatted(node));
  }

  @Override
  public void onEjected(String cluster, String node, long forNanos) {
    noticed(cluster, "no reads for %s now".formatted(node));
  }

  @Override
  public void onReturned(String cluster, String node) {
    noticed(cluster, "reads for %s again".formatted(node));
  }

  @Override
  public void onPrimaryChanged(
      String cluster, @Nullable String from, @Nullable String to, long timeline) {
    noticed(
        cluster,
        to == null
            ? "no primary, writes wait"
            : String.format(Locale.ROOT, "writes go to %s, timeline %d", to, timeline));
  }

  @Override
  public void onTrouble(String cluster, String what) {
    noticed(cluster, what);
  }

  private void noticed(String cluster, String what) {
    say(EVENT, cluster + ": " + what.lines().findFirst().orElse(what));
  }
}
