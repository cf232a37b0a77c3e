package io.headroom.spring.boot;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the start's migration came to on one shard. Immutable.
 *
 * @param shard its name, or the database's
 * @param from the version before; null if there was none, or if it was not found out
 * @param to the version now
 * @param migrations how many were done
 * @param took how long it took
 * @param failure null if all went well
 */
record MigratedShard(
    String shard,
    @Nullable String from,
    @Nullable String to,
    int migrations,
    Duration took,
    @Nullable Failure failure) {

  /**
   * What stopped it.
   *
   * @param migration the script that it stopped at; null if it was none
   * @param kind what kind of failure
   * @param cause what was thrown
   */
  record Failure(@Nullable String migration, Kind kind, Throwable cause) {

    /** In words. Of an error the message alone may be the name of a class. */
    String why() {
      String message = cause.getMessage();
      return message == null || cause instanceof Error ? cause.toString() : message;
    }
  }

  /** What can be done depends on it. */
  enum Kind {
    /** There was no connection to the primary. */
    UNREACHABLE,
    /** A migration failed. */
    FAILED,
    /** The shard's history is not the one that the application has. */
    INVALID
  }

  private static String version(@Nullable String version) {
    return version == null ? "none" : version;
  }

  /** For the log. */
  @Override
  public String toString() {
    Failure stopped = failure;
    if (stopped != null && stopped.kind() == Kind.UNREACHABLE) {
      return shard + ": not reached: " + stopped.why();
    }
    String done =
        shard
            + ": version "
            + version(from)
            + " -> "
            + version(to)
            + ", "
            + migrations
            + (migrations == 1 ? " migration" : " migrations")
            + " in "
            + took.toMillis()
            + " ms";
    return stopped == null
        ? done
        : done
            + ", then stopped"
            + (stopped.migration() == null ? ": " : " at " + stopped.migration() + ": ")
            + stopped.why();
  }

  /** For the endpoint. */
  Map<String, Object> view() {
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("from", version(from));
    view.put("to", version(to));
    view.put("migrations", migrations);
    view.put("millis", took.toMillis());
    Failure stopped = failure;
    if (stopped != null) {
      view.put("failure", stopped.why());
    }
    return view;
  }
}
