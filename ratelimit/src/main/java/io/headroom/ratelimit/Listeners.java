package io.headroom.ratelimit;

import io.headroom.Audience;
import java.util.List;

/** Tells listeners of decisions. Thread-safe. */
final class Listeners {

  private final String limiter;
  private final Audience<RateLimitListener> listeners;

  Listeners(String limiter, List<RateLimitListener> listeners) {
    this.limiter = limiter;
    this.listeners = Audience.of(RateLimiter.class, "limiter '" + limiter + "'", listeners);
  }

  void tell(Decision decision) {
    if (listeners.isEmpty()) {
      return;
    }
    if (decision.allowed() && !decision.isShadowed()) {
      listeners.tell(listener -> listener.onAdmitted(limiter, decision));
    } else {
      listeners.tell(listener -> listener.onRefused(limiter, decision));
    }
  }
}
