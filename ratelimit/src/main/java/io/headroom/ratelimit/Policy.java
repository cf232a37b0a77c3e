package io.headroom.ratelimit;

import java.util.Objects;

/**
 * A limit and what it is called, as decisions name it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param name what logs, metrics, headers and errors call it
 * @param limit how much it admits
 */
public record Policy(String name, Limit limit) {

  /**
   * Creates it.
   *
   * @param name what logs, metrics, headers and errors call it; not blank
   * @param limit how much it admits
   * @throws IllegalArgumentException if the name is blank
   */
  public Policy {
    Objects.requireNonNull(name, "name must not be null");
    Objects.requireNonNull(limit, "limit must not be null");
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "a policy's name must not be blank: decisions and metrics need it");
    }
  }

  /**
   * Returns it in words.
   *
   * @return such as {@code 'address' (100 per second, burst 50)}
   */
  @Override
  public String toString() {
    return "'" + name + "' (" + limit + ")";
  }
}
