package io.headroom;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the libraries need to know of the request being served: how much it matters, how long it
 * has, who asks, what it has seen and whether it is writing.
 *
 * <pre>{@code
 * RequestContext context =
 *     RequestContext.builder().timeout(Duration.ofSeconds(2)).cohortOf(userId).build();
 * try (RequestContext.Scope scope = context.attach()) {
 *   handle(request);                                     // everything in here sees the context
 *   executor.execute(RequestContext.current().wrap(() -> audit(request)));
 * }
 * response.addHeader("seen", signer.seal(context.token()));
 * }</pre>
 *
 * <p>{@link #builder} starts a request; {@link #toBuilder} changes something for a part of it, and
 * what is derived so shares the request's token and its write transactions. On a thread with
 * nothing attached {@link #current} returns the defaults. What such a thread observes is not kept,
 * since it would leak into the next request on the thread; its open write transactions are counted
 * all the same, so that a cache is safe without any context.
 *
 * <p>Thread-safe, and immutable but for the token and the count of write transactions.
 */
public final class RequestContext {

  private final RequestValues values;

  /** The request's one token; null where nothing is attached, and nothing may be kept. */
  private final @Nullable TokenCell token;

  private final WriteTransactions writeTransactions;

  private RequestContext(
      RequestValues values, @Nullable TokenCell token, WriteTransactions writeTransactions) {
    this.values = values;
    this.token = token;
    this.writeTransactions = writeTransactions;
  }

  /** An attached context, until it is closed by the same thread, inner ones first. */
  @FunctionalInterface
  public interface Scope extends AutoCloseable {

    /**
     * Makes current again what was so before. Does nothing when closed already.
     *
     * @throws IllegalStateException if another thread attached it, which then stays as it is, or if
     *     a scope attached later is still open, which is then closed too
     */
    @Override
    void close();
  }

  /**
   * A typed attribute's key, the same as no other: a library declares one in a constant and keeps
   * it to itself.
   *
   * @param <T> the attribute's type
   */
  @SuppressWarnings("UnusedTypeParameter") // it types with(...) and get(...)
  public static final class Key<T> {

    private final String name;

    private Key(String name) {
      this.name = name;
    }

    /**
     * Creates a key that differs from every other, whatever their names.
     *
     * @param name what {@link #toString} says
     * @param <T> the attribute's type
     * @return a new key
     */
    public static <T> Key<T> named(String name) {
      return new Key<>(Objects.requireNonNull(name, "name must not be null"));
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * Returns the context attached to this thread. Allocates nothing, apart from a thread's first
   * call.
   *
   * @return the context; the defaults if none is attached, never null
   */
  public static RequestContext current() {
    return ContextStack.ofThread().current();
  }

  /**
   * Returns the context attached to this thread, for those who begin a request and would derive it
   * from one that is there: what {@link #current} returns where nothing is attached belongs to the
   * thread, with its write transactions, and is no request.
   *
   * @return empty if none is attached
   */
  public static Optional<RequestContext> attached() {
    return Optional.ofNullable(ContextStack.ofThread().attached());
  }

  /**
   * Starts the context of a new request: standard criticality, no deadline, an empty token of its
   * own, no write transaction open.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder(null);
  }

  /** The defaults, for one thread with nothing attached. */
  static RequestContext unattached() {
    return new RequestContext(RequestValues.DEFAULTS, null, new WriteTransactions());
  }

  /**
   * Derives a context for a part of this request. It shares this one's token and its open write
   * transactions, and takes over everything that the builder doesn't set anew.
   *
   * @return a builder with this context's values
   */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /**
   * Returns how much the request matters.
   *
   * @return its criticality, {@link Criticality#STANDARD} unless set
   */
  public Criticality criticality() {
    return values.criticality();
  }

  /**
   * Returns the time left, by the clock that the deadline was set with.
   *
   * @return the time until the deadline, zero once it has passed, empty if there is none
   */
  public Optional<Duration> remaining() {
    return values.remaining();
  }

  /**
   * Returns where the user falls in a stable division of all users: shedding or sampling those
   * below 0.1 always takes the same tenth.
   *
   * @return a number from 0 (inclusive) to 1 (exclusive); empty if the user is unknown
   */
  public OptionalDouble cohort() {
    return values.cohort();
  }

  /**
   * Returns the resource (a pool, a shard) that this part of the request uses.
   *
   * @return its name as in {@link LoadSignal#level}; empty if not set
   */
  public Optional<String> resource() {
    return values.resource();
  }

  /**
   * Tells whether the request has a write transaction open anywhere: what it reads may then be its
   * own uncommitted writes, which no cache may keep.
   *
   * @return true from the first statement of a read-write transaction to its end
   */
  public boolean inWriteTransaction() {
    return writeTransactions.areOpen();
  }

  /**
   * Counts a write transaction. Called by {@code io.headroom.jdbc} when one begins on the database;
   * the caller keeps this context and calls {@link #writeTransactionClosed} on it, once, from
   * whatever thread.
   */
  public void writeTransactionOpened() {
    writeTransactions.opened();
  }

  /**
   * Ends what {@link #writeTransactionOpened} began.
   *
   * @throws IllegalStateException if no write transaction is open in this request
   */
  public void writeTransactionClosed() {
    writeTransactions.closed();
  }

  /**
   * Leaves something to be done once what the request has written is committed: a cache forgets a
   * key only then, or another reader would bring the old value back. It is done at the end of each
   * write transaction that is open now, after a rollback too, on the thread that ends it; what it
   * throws is logged.
   *
   * @param subject what it is about; what is left later about the same replaces it
   * @param task quick, and harmless if it is done more than once
   * @return false if no write transaction is open: the caller does it at once
   */
  public boolean afterWriteTransactions(Object subject, Runnable task) {
    Objects.requireNonNull(subject, "subject must not be null");
    Objects.requireNonNull(task, "task must not be null");
    return writeTransactions.defer(subject, task);
  }

  /**
   * Tells whether something {@linkplain #afterWriteTransactions was left} that is still to be done.
   *
   * @param subject what it is about
   * @return false once all of the write transactions have ended
   */
  public boolean awaitsWriteTransactions(Object subject) {
    return writeTransactions.isDeferred(subject);
  }

  /**
   * Returns what the request has seen so far. It may take a round trip to a database, where a
   * library left a question to be asked ({@link #observeLater}); what the question throws comes out
   * here, and it is asked again next time.
   *
   * @return the merge of all that was {@linkplain #observe observed}; {@link ConsistencyToken#NONE}
   *     on a thread with nothing attached
   */
  @SuppressWarnings("NullAway") // what is in the reference begins with NONE
  public ConsistencyToken token() {
    return token == null ? ConsistencyToken.NONE : token.get();
  }

  /**
   * Returns what is known of {@link #token} without asking a question that was left: never a round
   * trip.
   *
   * @return a token at or below the whole one; {@link ConsistencyToken#NONE} on a thread with
   *     nothing attached
   */
  public ConsistencyToken knownToken() {
    return token == null ? ConsistencyToken.NONE : token.known();
  }

  /**
   * Tells whether {@link #knownToken} is all of it, so that {@link #token} asks nothing: for those
   * who must not wait, and may leave the question to another thread.
   *
   * @return false if a question was left that has no answer yet
   */
  public boolean isTokenKnown() {
    return token == null || token.isKnown();
  }

  /**
   * Merges a token into the request's: a commit tells its position, a caller brings its cookie.
   * Where nothing is attached the token is dropped, for there is no request to keep it.
   *
   * @param seen what was seen
   */
  public void observe(ConsistencyToken seen) {
    Objects.requireNonNull(seen, "seen must not be null");
    if (token != null) {
      token.merge(seen);
    }
  }

  /**
   * Puts the place that something was found at in the place of an upper bound of it, such as {@link
   * ConsistencyToken.Position#UNKNOWN}. If the request's token has another position there by now,
   * the two are merged; where nothing is attached, nothing happens.
   *
   * @param domain what it is a position in
   * @param before the upper bound, as the token had it
   * @param now where it lies, asked of the origin after the token was read
   */
  public void correct(
      String domain, ConsistencyToken.Position before, ConsistencyToken.Position now) {
    Objects.requireNonNull(domain, "domain must not be null");
    Objects.requireNonNull(before, "before must not be null");
    Objects.requireNonNull(now, "now must not be null");
    if (token != null) {
      token.correct(domain, before, now);
    }
  }

  /**
   * Leaves a question whose answer is merged into the request's token before anyone reads that: a
   * commit's position costs a round trip, which only a request pays that reads again or exports its
   * token. Where nothing is attached the question is dropped.
   *
   * @param domain what the question is about; a later question about the same domain stands for the
   *     earlier ones too
   * @param question asked once at most unless it throws, by whoever reads the token
   */
  public void observeLater(String domain, Supplier<ConsistencyToken> question) {
    Objects.requireNonNull(domain, "domain must not be null");
    Objects.requireNonNull(question, "question must not be null");
    if (token != null) {
      token.mergeLater(domain, question);
    }
  }

  /**
   * Looks an attribute up.
   *
   * @param key the attribute's key
   * @param <T> the attribute's type
   * @return its value, null if it isn't set
   */
  @SuppressWarnings("unchecked") // Builder.with put the value in with this very key
  public <T> @Nullable T get(Key<T> key) {
    return (T) values.attribute(key);
  }

  /**
   * Makes this context the thread's current one until the scope is closed, which try-with-resources
   * does. Nothing is combined with the context attached before: to narrow that one, attach what
   * {@link #toBuilder} derives from it.
   *
   * @return the scope to close on this thread
   */
  public Scope attach() {
    return ContextStack.ofThread().push(this);
  }

  /**
   * Takes this context along with a task.
   *
   * @param task what to run
   * @return a task that runs with this context attached, on whatever thread
   */
  @SuppressWarnings("try") // the scope is opened for its effect
  public Runnable wrap(Runnable task) {
    Objects.requireNonNull(task, "task must not be null");
    return () -> {
      try (Scope scope = attach()) {
        task.run();
      }
    };
  }

  /**
   * Takes this context along with a task that returns a value.
   *
   * @param task what to call
   * @param <T> what it returns
   * @return a task that runs with this context attached, on whatever thread
   */
  @SuppressWarnings("try") // the scope is opened for its effect
  public <T> Callable<T> wrap(Callable<T> task) {
    Objects.requireNonNull(task, "task must not be null");
    return () -> {
      try (Scope scope = attach()) {
        return task.call();
      }
    };
  }

  /**
   * Takes this context along with a supplier; named apart, since a lambda could be a {@link
   * Callable} as well.
   *
   * @param supplier what to ask
   * @param <T> what it supplies
   * @return a supplier that runs with this context attached, on whatever thread
   */
  @SuppressWarnings("try") // the scope is opened for its effect
  public <T extends @Nullable Object> Supplier<T> wrapSupplier(Supplier<T> supplier) {
    Objects.requireNonNull(supplier, "supplier must not be null");
    return () -> {
      try (Scope scope = attach()) {
        return supplier.get();
      }
    };
  }

  /**
   * Takes this context along with everything that an executor is given.
   *
   * @param executor where tasks run
   * @return an executor whose tasks run with this context attached
   */
  public Executor wrap(Executor executor) {
    Objects.requireNonNull(executor, "executor must not be null");
    return task -> executor.execute(wrap(task));
  }

  /**
   * Names what is set; the token and attributes' values are left out, for they may be private.
   *
   * @return for logs, in no fixed format
   */
  @Override
  public String toString() {
    return "RequestContext[" + values + (inWriteTransaction() ? ", in a write transaction]" : "]");
  }

  /** Collects a context's values. Not thread-safe. */
  public static final class Builder {

    private final @Nullable RequestContext parent;
    private RequestValues values;

    private Builder(@Nullable RequestContext parent) {
      this.parent = parent;
      this.values = parent == null ? RequestValues.DEFAULTS : parent.values;
    }

    /**
     * Sets how much the request matters.
     *
     * @param criticality its criticality
     * @return this builder
     */
    public Builder criticality(Criticality criticality) {
      values = values.withCriticality(criticality);
      return this;
    }

    /**
     * Gives the request this long from now, by the system's clock. A deadline that it already has
     * and that comes sooner stays: a part of a request can't outlive the whole.
     *
     * @param timeout more than zero; capped at 146 years
     * @return this builder
     * @throws IllegalArgumentException if the timeout is zero or negative
     */
    public Builder timeout(Duration timeout) {
      return timeout(timeout, TimeSource.system());
    }

    /**
     * As {@link #timeout(Duration)}, by another clock, which {@link RequestContext#remaining} reads
     * too.
     *
     * @param timeout more than zero; capped at 146 years
     * @param time the clock
     * @return this builder
     * @throws IllegalArgumentException if the timeout is zero or negative
     */
    public Builder timeout(Duration timeout, TimeSource time) {
      values = values.withDeadline(Deadline.in(timeout, time));
      return this;
    }

    /**
     * Leaves the request's deadline out: for work that is of use to others, and goes on once this
     * request has its answer or has given up.
     *
     * @return this builder
     */
    public Builder withoutDeadline() {
      values = values.withoutDeadline();
      return this;
    }

    /**
     * Sets the user's cohort from the user's key. It is taken from other bits of {@link KeyHash}
     * than slots are, so that a cohort is spread over all shards.
     *
     * @param userKey any key that {@link KeyHash#ofKey} takes
     * @return this builder
     * @throws IllegalArgumentException if the key can't be hashed
     */
    public Builder cohortOf(Object userKey) {
      return cohort((KeyHash.ofKey(userKey) >>> 11) * 0x1p-53);
    }

    /**
     * Sets the user's cohort as another service computed it.
     *
     * @param cohort from 0 (inclusive) to 1 (exclusive)
     * @return this builder
     * @throws IllegalArgumentException if the number is outside that range
     */
    public Builder cohort(double cohort) {
      values = values.withCohort(cohort);
      return this;
    }

    /**
     * Sets the resource that this part of the request uses.
     *
     * @param resource its name, as its guard was given it
     * @return this builder
     */
    public Builder resource(String resource) {
      values = values.withResource(resource);
      return this;
    }

    /**
     * Sets an attribute.
     *
     * @param key the attribute's key
     * @param value its value; it should be immutable, since other threads may see it
     * @param <T> the attribute's type
     * @return this builder
     */
    public <T> Builder with(Key<T> key, T value) {
      values = values.withAttribute(key, value);
      return this;
    }

    /**
     * Builds the context. It is current nowhere until it is {@linkplain RequestContext#attach
     * attached}.
     *
     * @return a context; two builds of one builder that started a request are two requests
     */
    public RequestContext build() {
      TokenCell token = parent == null ? null : parent.token;
      return new RequestContext(
          values,
          token == null ? new TokenCell() : token,
          parent == null ? new WriteTransactions() : parent.writeTransactions);
    }
  }
}
