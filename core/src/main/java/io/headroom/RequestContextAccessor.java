package io.headroom;

import io.micrometer.context.ThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/**
 * Carries the {@link RequestContext} wherever Micrometer's context-propagation carries its context:
 * Reactor, Spring's task decorators, {@code ContextSnapshot}.
 *
 * <p>On the class path, where {@code io.micrometer:context-propagation} is present it finds this
 * class by itself, and nothing needs to be called. On the module path it is registered once:
 *
 * <pre>{@code
 * ContextRegistry.getInstance().registerThreadLocalAccessor(new RequestContextAccessor());
 * }</pre>
 *
 * <p>Thread-safe.
 */
@SuppressWarnings("exports") // seen only by who has the optional module
public final class RequestContextAccessor implements ThreadLocalAccessor<RequestContext> {

  /** The key under which snapshots hold the context: {@value}. */
  public static final String KEY = "headroom.request-context";

  /** Creates an accessor; on the class path the service loader does. */
  public RequestContextAccessor() {}

  @Override
  public Object key() {
    return KEY;
  }

  @Override
  public @Nullable RequestContext getValue() {
    return ContextStack.ofThread().attached();
  }

  @Override
  public void setValue(RequestContext value) {
    ContextStack.ofThread().replace(value);
  }

  @Override
  public void setValue() {
    ContextStack.ofThread().replace(null);
  }

  @Override
  public void restore(RequestContext previousValue) {
    ContextStack.ofThread().restore(previousValue);
  }

  @Override
  public void restore() {
    ContextStack.ofThread().restore(null);
  }
}
