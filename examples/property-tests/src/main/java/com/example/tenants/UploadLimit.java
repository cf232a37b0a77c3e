package com.example.tenants;

import io.headroom.TimeSource;
import io.headroom.ratelimit.Decision;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;

/** How many documents a tenant may store: 5 a second, and 10 at once after a pause. */
public final class UploadLimit {

  private final RateLimiter<Document> limiter;

  /**
   * Creates a limit in this process.
   *
   * @param time the clock, which a test moves by hand
   */
  public UploadLimit(TimeSource time) {
    // snippet: upload-limit
    this.limiter =
        RateLimiter.<Document>builder("uploads")
            .policy("tenant", Limit.perSecond(5).burst(10), TenantRouter::nameOf)
            .time(time)
            .build();
    // end snippet
  }

  /**
   * Asks whether a document may be stored now.
   *
   * @param document the document
   * @return when to come back if not
   */
  public Decision ask(Document document) {
    return limiter.tryAcquire(document);
  }
}
