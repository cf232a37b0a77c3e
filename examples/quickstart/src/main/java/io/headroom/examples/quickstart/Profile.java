package io.headroom.examples.quickstart;

/**
 * What is shown of a user, and cached.
 *
 * @param userId whose
 * @param email the user's address
 * @param version 1 when it was loaded, one more with each change
 */
record Profile(long userId, String email, long version) {}
