package io.headroom.spring.boot;

import io.headroom.spring.boot.MigratedShard.Failure;
import io.headroom.spring.boot.MigratedShard.Kind;
import java.util.Locale;
import java.util.Objects;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Tells a person which shards could not be migrated, at what, and what to do about each. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class MigrationsFailureAnalyzer extends AbstractFailureAnalyzer<MigrationsFailedException> {

  MigrationsFailureAnalyzer() {}

  @Override
  protected FailureAnalysis analyze(Throwable root, MigrationsFailedException cause) {
    StringBuilder what = new StringBuilder("The schema could not be migrated everywhere:\n");
    StringBuilder mend = new StringBuilder();
    for (MigratedShard shard : cause.failed()) {
      Failure failure = Objects.requireNonNull(shard.failure());
      what.append("\n    ").append(shard.shard());
      what.append(failure.kind() == Kind.UNREACHABLE ? ", not reached" : ", at version ");
      if (failure.kind() != Kind.UNREACHABLE) {
        what.append(shard.to() == null ? "none" : shard.to());
      }
      if (failure.migration() != null) {
        what.append(", stopped at ").append(failure.migration());
      }
      what.append(": ").append(oneLine(failure.why()));
      mend.append(shard.shard()).append(": ").append(mend(failure)).append('\n');
    }
    mend.append("Then start again: ");
    mend.append(
        String.format(
            Locale.ROOT,
            "what is done stays done, also on the %d that did not fail.",
            cause.migrated()));
    return new FailureAnalysis(what.toString(), mend.toString(), cause);
  }

  private static String mend(Failure failure) {
    return switch (failure.kind()) {
      case UNREACHABLE -> "bring its primary back, or correct where it is.";
      case FAILED ->
          "correct the migration, or what this shard has that others have not. A database that"
              + " takes back no DDL has kept a part of it: mend that, and run Flyway's repair"
              + " there.";
      case INVALID ->
          "its history is not that of the application's scripts: bring back the scripts that it was"
              + " migrated by or, if the shard is right as it is, run Flyway's repair there.";
    };
  }

  /** Flyway frames its messages over many lines. */
  private static String oneLine(String why) {
    return why.strip().replaceAll("\\s*\\R\\s*", " | ");
  }
}
