package io.headroom.examples.quickstart.service;

/**
 * A user as the database has it.
 *
 * @param userId whose
 * @param email the user's address
 * @param orders how many orders there are
 */
public record User(long userId, String email, long orders) {

  /** The address that every user has here. */
  public static String email(long userId) {
    return "user-" + userId + "@example.org";
  }
}
