package io.headroom.spring.boot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How Flyway, where Spring Boot runs it, migrates the schema of each primary. Immutable.
 *
 * @param enabled whether the start migrates anything of headroom.database; a Flyway with a data
 *     source of its own goes by spring.flyway.enabled
 * @param parallel how many shards are migrated at a time; 8 unless set
 * @param username who migrates, if it is not the user of the pools
 * @param password that user's password
 * @param statementTimeout how long one statement may take; 30 min unless set. The driver's own
 *     bounds, as socketTimeout in a URL, do not hold for migrations
 */
record MigrationProperties(
    @DefaultValue("true") boolean enabled,
    @Nullable Integer parallel,
    @Nullable String username,
    @Nullable String password,
    @Nullable Duration statementTimeout) {

  /** Whether anything is said of how to migrate. */
  boolean isAnySet() {
    return parallel != null || username != null || password != null || statementTimeout != null;
  }

  /** Leaves the password out, which is secret. */
  @Override
  public String toString() {
    return "MigrationProperties[enabled=" + enabled + ", parallel=" + parallel + "]";
  }
}
