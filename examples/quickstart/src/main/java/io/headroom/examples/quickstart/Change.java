package io.headroom.examples.quickstart;

/**
 * That somebody has changed a profile.
 *
 * @param service which service did it
 * @param userId whose profile
 * @param version what it is since
 * @param atNanos when the answer was there that said so
 */
record Change(int service, long userId, long version, long atNanos) {}
