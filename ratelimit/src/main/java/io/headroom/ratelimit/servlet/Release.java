package io.headroom.ratelimit.servlet;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Gives back what a request has when it ends asynchronously, however it does. It may do so more
 * than once, which must do no harm. Thread-safe, if that is.
 */
public final class Release implements AsyncListener {

  private final Runnable back;

  private Release(Runnable back) {
    this.back = back;
  }

  /**
   * Leaves it to the end of a request that has gone asynchronous.
   *
   * @param request the request, on the thread that serves it
   * @param back gives back what the request has
   * @return false if the request has not gone asynchronous, or has ended meanwhile: the caller does
   *     it
   */
  public static boolean atEndOf(HttpServletRequest request, Runnable back) {
    if (!request.isAsyncStarted()) {
      return false;
    }
    try {
      request.getAsyncContext().addListener(new Release(back));
      return true;
    } catch (IllegalStateException ended) {
      return false;
    }
  }

  @Override
  public void onComplete(AsyncEvent event) {
    back.run();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    back.run();
  }

  @Override
  public void onError(AsyncEvent event) {
    back.run();
  }

  /** Who starts anew after a dispatch begins without listeners. */
  @Override
  public void onStartAsync(AsyncEvent event) {
    event.getAsyncContext().addListener(this);
  }
}
