package io.headroom.examples.quickstart.report;

/**
 * A time during which a resource had one load level.
 *
 * @param from its beginning, in seconds since the run's start
 * @param to its end, in the same
 * @param resource what was loaded, such as a pool
 * @param level how much: the name of an {@code io.headroom.LoadLevel}, or another word
 */
public record Level(double from, double to, String resource, String level) {}
