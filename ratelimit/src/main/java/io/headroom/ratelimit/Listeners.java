package io.headroom.ratelimit;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners, and keeps their failures to itself. Thread-safe. */
final class Listeners {

  private static final Logger LOG = LoggerFactory.getLogger(RateLimiter.class);

  private final String limiter;
  private final List<RateLimitListener> listeners;

  Listeners(String limiter, List<RateLimitListener> listeners) {
    this.limiter = limiter;
    this.listeners = List.copyOf(listeners);
  }

  void tell(Decision decision) {
    if (listeners.isEmpty()) {
      return;
    }
    for (RateLimitListener listener : listeners) {
      try {
        if (decision.allowed()) {
          listener.onAdmitted(limiter, decision);
        } else {
          listener.onRefused(limiter, decision);
        }
      } catch (RuntimeException thrown) {
        LOG.warn("limiter '{}': a listener failed, which changes nothing else", limiter, thrown);
      }
    }
  }
}
