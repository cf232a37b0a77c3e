package io.headroom.examples.quickstart.report;

/**
 * A claim beside what this run measured.
 *
 * @param claim what should be so
 * @param seed the figure that it should have, with its unit
 * @param measured the figure that it had, with its unit
 * @param verdict whether that is as claimed
 * @param gates whether the run fails when the claim is missed
 */
public record Claim(String claim, String seed, String measured, Verdict verdict, boolean gates) {}
