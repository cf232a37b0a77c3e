package io.headroom.ratelimit;

import java.util.Collection;

/** What listeners are told, in words. */
final class Heard {

  private Heard() {}

  /** A listener that notes it. */
  static RateLimitListener into(Collection<? super String> heard) {
    return new RateLimitListener() {
      @Override
      public void onAdmitted(String limiter, Decision decision) {
        heard.add("admitted " + decision.permits() + " by " + limiter + shadow(decision));
      }

      @Override
      public void onRefused(String limiter, Decision decision) {
        heard.add("refused " + decision.permits() + " by " + limiter + shadow(decision));
      }
    };
  }

  private static String shadow(Decision decision) {
    return decision.isShadowed() ? " in shadow" : "";
  }
}
