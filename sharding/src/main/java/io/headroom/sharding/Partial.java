package io.headroom.sharding;

import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;

/**
 * What the shards that answered had to say, and why the others did not. Immutable, if the value is.
 *
 * @param value made of the rows of the shards that answered
 * @param failures why each other shard has no part in it, by shard id: what it said, or a {@link
 *     java.sql.SQLTimeoutException} if the deadline came first
 * @param <R> the type of the value
 */
public record Partial<R>(R value, Map<String, SQLException> failures) {

  /**
   * Checks that both are there.
   *
   * @param value made of the rows of the shards that answered
   * @param failures why each other shard has no part in it
   */
  public Partial {
    Objects.requireNonNull(value, "value must not be null");
    failures = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(failures));
  }

  /**
   * Whether every shard answered.
   *
   * @return true if there are no failures
   */
  public boolean isComplete() {
    return failures.isEmpty();
  }
}
