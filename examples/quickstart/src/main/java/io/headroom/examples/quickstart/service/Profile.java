package io.headroom.examples.quickstart.service;

import java.time.Duration;

/**
 * What is shown of a user, and cached.
 *
 * @param userId whose
 * @param email the user's address
 * @param version 1 when it was loaded, one more with each change
 */
public record Profile(long userId, String email, long version) {

  /** How old one may be that is shown by a process that does not hear from Redis. */
  public static final Duration MAX_STALENESS = Duration.ofSeconds(3);
}
