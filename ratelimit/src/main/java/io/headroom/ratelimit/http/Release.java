package io.headroom.ratelimit.http;

import io.headroom.ratelimit.ConcurrencyPermit;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;

/**
 * Gives a permit back when an asynchronous request ends, however it does; closing it more than once
 * does no harm.
 */
final class Release implements AsyncListener {

  private final ConcurrencyPermit permit;

  Release(ConcurrencyPermit permit) {
    this.permit = permit;
  }

  @Override
  public void onComplete(AsyncEvent event) {
    permit.close();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    permit.close();
  }

  @Override
  public void onError(AsyncEvent event) {
    permit.close();
  }

  /** Who starts anew after a dispatch begins without listeners. */
  @Override
  public void onStartAsync(AsyncEvent event) {
    event.getAsyncContext().addListener(this);
  }
}
