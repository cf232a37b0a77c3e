package io.headroom.examples.quickstart.report;

/**
 * A moment to see in all charts: a fault, or its end.
 *
 * @param at when, in seconds since the run's start
 * @param text what happened
 */
public record Mark(double at, String text) {}
