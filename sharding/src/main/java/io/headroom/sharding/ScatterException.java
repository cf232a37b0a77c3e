package io.headroom.sharding;

import java.io.Serial;
import java.sql.SQLException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A scatter that was to have every shard's answer, and has not.
 *
 * <p>The others were cancelled. The SQLSTATE is that of the cause, the first failure; 57014 where
 * the deadline passed.
 */
public final class ScatterException extends SQLException {

  @Serial private static final long serialVersionUID = 1L;

  private final transient Map<String, SQLException> failures;

  /**
   * Creates the exception.
   *
   * @param message which shards failed and why, and what to do
   * @param failures the failure of each shard that had failed by then, the first one first
   */
  public ScatterException(String message, Map<String, SQLException> failures) {
    this(message, failures, failures.values().iterator().next());
  }

  private ScatterException(String message, Map<String, SQLException> failures, SQLException cause) {
    super(message, cause.getSQLState(), cause);
    this.failures = Collections.unmodifiableMap(new LinkedHashMap<>(failures));
  }

  /**
   * Returns the shards that failed, with their causes; empty after serialization.
   *
   * @return the failure by shard id, the first one first
   */
  @SuppressWarnings("ConstantConditions") // null after serialization
  public Map<String, SQLException> failures() {
    return failures == null ? Map.of() : failures;
  }
}
