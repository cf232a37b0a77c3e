package io.headroom;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The contexts attached to one thread, innermost on top. Only its own thread touches it.
 *
 * <p>Scopes are strictly nested, by {@link #push} and {@link Frame#close}. Context propagation
 * instead sets and restores a value, without a handle: {@link #replace} lays a frame over the
 * scopes that the next replacement takes away again, so that frames can't pile up.
 */
final class ContextStack {

  private static final ThreadLocal<ContextStack> STACKS =
      ThreadLocal.withInitial(ContextStack::new);

  /** What this thread has when nothing is attached; never shared with another thread. */
  private final RequestContext unattached = RequestContext.unattached();

  private @Nullable Frame top;

  private ContextStack() {}

  /** One attached context, null for none, and what lies under it. */
  static final class Frame implements RequestContext.Scope {
    private final ContextStack stack;
    private final @Nullable RequestContext context;
    private final @Nullable Frame below;
    private final boolean replaceable;
    private boolean open = true;

    private Frame(
        ContextStack stack,
        @Nullable RequestContext context,
        @Nullable Frame below,
        boolean replaceable) {
      this.stack = stack;
      this.context = context;
      this.below = below;
      this.replaceable = replaceable;
    }

    @Override
    public void close() {
      pop(this);
    }
  }

  static ContextStack ofThread() {
    return STACKS.get();
  }

  RequestContext current() {
    RequestContext attached = attached();
    return attached == null ? unattached : attached;
  }

  @Nullable RequestContext attached() {
    Frame frame = top;
    return frame == null ? null : frame.context;
  }

  Frame push(RequestContext context) {
    Frame frame = new Frame(this, context, top, false);
    top = frame;
    return frame;
  }

  /**
   * Takes a frame away. If others lie over it they go too, so that a pooled thread doesn't carry
   * one request's context into the next; then the mistake is reported.
   */
  private static void pop(Frame frame) {
    ContextStack stack = ofThread();
    if (frame.stack != stack) {
      throw new IllegalStateException(
          "a RequestContext scope must be closed on the thread that attached it, not on "
              + Thread.currentThread().getName()
              + ": close it there, and carry the context over with wrap(...)");
    }
    if (!frame.open) {
      return;
    }
    int inner = stack.closeAbove(frame);
    frame.open = false;
    stack.top = frame.below;
    if (inner > 0) {
      throw new IllegalStateException(
          String.format(
                  Locale.ROOT,
                  "a RequestContext scope was closed before %d attached after it, which are now"
                      + " closed too:",
                  inner)
              + " close scopes in reverse order, best with try-with-resources");
    }
  }

  /** Makes a context the current one, null for none, in place of a replacement before it. */
  void replace(@Nullable RequestContext context) {
    dropReplacement();
    top = new Frame(this, context, top, true);
  }

  /**
   * Undoes the last replacement, and scopes left open over it, so that a context is the current one
   * that was so before, null for none.
   */
  void restore(@Nullable RequestContext context) {
    if (top != null && !top.replaceable && top.context == context) {
      return;
    }
    Frame last = top;
    while (last != null && !last.replaceable) {
      last = last.below;
    }
    if (last != null) {
      closeAbove(last);
      top = last;
    }
    dropReplacement();
    if (attached() != context) {
      top = new Frame(this, context, top, true);
    }
  }

  private void dropReplacement() {
    Frame frame = top;
    if (frame != null && frame.replaceable) {
      top = frame.below;
    }
  }

  private int closeAbove(Frame frame) {
    int closed = 0;
    for (Frame over = top; over != frame && over != null; over = over.below) {
      over.open = false;
      closed++;
    }
    return closed;
  }
}
