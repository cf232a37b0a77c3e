package io.headroom;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What stands around a piece of work while it is done: a span of a trace, and the time it took.
 * {@link MicrometerSpans} makes them Observations of Micrometer; unless a builder is given one,
 * none are made, and nothing is allocated for them.
 *
 * <pre>{@code
 * TieredCache.builder("profiles", loader).spans(MicrometerSpans.of(observationRegistry)).build();
 * }</pre>
 *
 * <p>The span of work that calls somebody's code, a loader say, is the current one on the thread
 * that runs that code, so that what happens there becomes part of it. Its parent is the span that
 * was current where the work was asked for, whichever thread that was.
 *
 * <p>An implementation must be thread-safe, and throw nothing: the libraries do not expect it.
 */
public interface Spans {

  /** Makes none. */
  Spans NONE =
      new Spans() {
        @Override
        public Span begin(Work work, @Nullable Span parent) {
          return Span.NONE;
        }

        @Override
        public @Nullable Span current() {
          return null;
        }

        @Override
        public String toString() {
          return "no spans";
        }
      };

  /**
   * What is done.
   *
   * @param name the kind of work, such as {@code headroom.cache.load}
   * @param title what it is called in a trace, such as {@code load profiles}; of few different ones
   * @param tags what is known of it from the beginning, always the same keys for one name and each
   *     of few values; never a key, a user or a tenant
   * @param details more that is known, of any number of values
   */
  record Work(String name, String title, Map<String, String> tags, Map<String, String> details) {

    /**
     * Describes work.
     *
     * @param name the kind of work
     * @param title what it is called in a trace
     * @param tags what is known of it, each of few values
     * @param details more that is known
     */
    public Work {
      Objects.requireNonNull(name, "name must not be null");
      Objects.requireNonNull(title, "title must not be null");
      tags = Map.copyOf(tags);
      details = Map.copyOf(details);
    }

    /**
     * Describes work without details.
     *
     * @param name the kind of work
     * @param title what it is called in a trace
     * @param tags what is known of it, each of few values
     */
    public Work(String name, String title, Map<String, String> tags) {
      this(name, title, tags, Map.of());
    }
  }

  /**
   * Begins a span.
   *
   * @param work what is done
   * @param parent what it is part of; null for what is current on this thread, if anything is
   * @return the span, which is not current yet; to be ended once
   */
  Span begin(Work work, @Nullable Span parent);

  /**
   * Tells what this thread is doing, whoever has begun that.
   *
   * @return to be a parent, and nothing else; null if nothing is current
   */
  @Nullable Span current();

  /** One piece of work. */
  interface Span {

    /** Stands for nothing. */
    Span NONE =
        new Span() {
          @Override
          public Scope enter() {
            return Scope.NONE;
          }

          @Override
          public void detail(String key, String value) {}

          @Override
          public void end(String outcome, @Nullable Throwable failure) {}

          @Override
          public String toString() {
            return "no span";
          }
        };

    /**
     * Makes it the current one on this thread.
     *
     * @return to be closed by this thread, whereupon what was current before is so again
     */
    Scope enter();

    /**
     * Adds what has become known.
     *
     * @param key what it is
     * @param value of any number of values
     */
    void detail(String key, String value);

    /**
     * Ends it.
     *
     * @param outcome how it went, one of few words
     * @param failure why, if it failed; else null
     */
    void end(String outcome, @Nullable Throwable failure);
  }

  /** The time for which a span is current. */
  interface Scope extends AutoCloseable {

    /** Closes nothing. */
    Scope NONE = () -> {};

    /** Ends it. */
    @Override
    void close();
  }
}
