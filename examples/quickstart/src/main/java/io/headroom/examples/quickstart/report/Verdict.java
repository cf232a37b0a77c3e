package io.headroom.examples.quickstart.report;

/** What a run says of a claim. */
public enum Verdict {
  /** It was measured, and is so. */
  HOLDS,
  /** It was measured, and is not so. */
  MISSED
}
