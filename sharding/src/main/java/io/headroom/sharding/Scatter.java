package io.headroom.sharding;

import io.headroom.SetOnce;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks many shards at once and gathers what they say.
 *
 * <pre>{@code
 * List<Order> newest =
 *     scatter
 *         .query("SELECT ... FROM orders ORDER BY placed_at DESC LIMIT 20", Order::read)
 *         .ordered(comparing(Order::placedAt).reversed())
 *         .limit(20)
 *         .toList();
 *
 * long users = scatter.query("SELECT count(*) FROM users", row -> row.getLong(1)).reduce(0L, Long::sum);
 * }</pre>
 *
 * <p>So many shards at a time, one deadline for the whole. When the deadline passes, or one shard
 * fails where all are wanted, the statements that still run are cancelled, and their connections
 * aborted rather than given back; the caller does not wait for that, nor for a shard that hangs.
 *
 * <p>The threads are shared by all its calls (32 unless set), and the wait for one counts towards a
 * call's deadline: a job that asks many shards for long is better off with a scatter of its own. A
 * row reader can't ask the scatter that it works for.
 *
 * <p>Thread-safe. {@link ShardedDataSource#scatter()} is one with the defaults.
 */
public final class Scatter implements AutoCloseable {

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
  private static final int DEFAULT_SHARDS_AT_A_TIME = 8;
  private static final int DEFAULT_THREADS = 32;

  private final ShardedDataSource dataSource;
  private final int shardsAtATime;
  private final Duration timeout;
  private final TimeSource time;
  private final Executor executor;
  private final @Nullable ThreadPoolExecutor ownThreads;
  private final Severer severer = new Severer();
  private volatile boolean closed;

  @SuppressWarnings("ThreadLocalUsage") // two scatters must not mix; set for the time of one task
  private final ThreadLocal<Boolean> atWork = new ThreadLocal<>();

  private Scatter(Builder builder) {
    this.dataSource = builder.dataSource;
    this.shardsAtATime =
        builder.shardsAtATime == 0 ? DEFAULT_SHARDS_AT_A_TIME : builder.shardsAtATime;
    this.timeout = builder.timeout == null ? DEFAULT_TIMEOUT : builder.timeout;
    this.time = builder.time == null ? TimeSource.system() : builder.time;
    this.ownThreads = builder.executor == null ? threads(builder.threads) : null;
    this.executor = ownThreads == null ? Objects.requireNonNull(builder.executor) : ownThreads;
  }

  private static ThreadPoolExecutor threads(int number) {
    int bound = number == 0 ? DEFAULT_THREADS : number;
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            bound,
            bound,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(), // bounded by the callers, times the shards at a time
            new DaemonThreads("headroom-scatter"));
    threads.allowCoreThreadTimeOut(true);
    return threads;
  }

  /**
   * Starts to build a scatter.
   *
   * @param dataSource whose shards are asked; stays the caller's to close
   * @return a builder
   */
  public static Builder builder(ShardedDataSource dataSource) {
    return new Builder(Objects.requireNonNull(dataSource, "dataSource must not be null"));
  }

  /**
   * Begins a query on every shard.
   *
   * @param sql the query, the same on each shard
   * @param reader makes an object of each row
   * @param <T> what it makes
   * @return the query, to be given options and run
   * @throws IllegalStateException if this is closed, or asked by a reader that works for it
   */
  @CheckReturnValue
  public <T> ScatterQuery<T> query(String sql, RowReader<? extends T> reader) {
    Objects.requireNonNull(reader, "reader must not be null");
    return new ScatterQuery<>(plan(sql), reader);
  }

  /**
   * Begins a statement that writes on every shard, each for itself: this is no transaction, and the
   * outcome is told for each shard. Nothing is sent before {@link ScatterUpdate#run}.
   *
   * @param sql the statement, the same on each shard
   * @return the update, to be given options and run
   * @throws IllegalStateException if this is closed, or asked by a reader that works for it
   */
  @CheckReturnValue
  public ScatterUpdate updateEachShardSeparately(String sql) {
    return new ScatterUpdate(plan(sql));
  }

  private ScatterPlan plan(String sql) {
    Objects.requireNonNull(sql, "sql must not be null");
    if (closed) {
      throw new IllegalStateException("the scatter over " + dataSource + " is closed");
    }
    if (atWork.get() != null) {
      throw new IllegalStateException(
          this
              + " was asked from within a row reader, binder or operator of its own: its workers"
              + " could all wait for each other. Gather the rows first and ask then, or build a"
              + " Scatter of its own for what is nested");
    }
    return new ScatterPlan(this, sql);
  }

  ShardedDataSource dataSource() {
    return dataSource;
  }

  Severer severer() {
    return severer;
  }

  int shardsAtATime() {
    return shardsAtATime;
  }

  ScatterRun start(@Nullable Duration ownTimeout, int shards) {
    ScatterDeadline deadline = new ScatterDeadline(time, ownTimeout == null ? timeout : ownTimeout);
    return new ScatterRun(
        this::execute, shardsAtATime, deadline, dataSource.router().scatterSpans(), shards);
  }

  private void execute(Runnable task) {
    executor.execute(
        () -> {
          atWork.set(true);
          try {
            task.run();
          } finally {
            atWork.remove();
          }
        });
  }

  /** To be called once; a failure is what the caller gets instead of a result. */
  void finished(ScatterRun run, int shards, int failed, @Nullable Throwable failure) {
    dataSource.router().listeners().onScattered(shards, failed, run.deadline().elapsedNanos());
    ScatterSpans.end(run.span(), failed, failure);
  }

  static Duration checkedTimeout(Duration timeout) {
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException("timeout must be more than zero, was " + timeout);
    }
    return timeout;
  }

  /** Ends its own threads when they have done what is begun. Idempotent. */
  @Override
  public void close() {
    closed = true;
    if (ownThreads != null) {
      ownThreads.shutdown();
    }
    severer.close();
  }

  @Override
  public String toString() {
    return "Scatter[" + dataSource + ", " + shardsAtATime + " shards at a time, " + timeout + "]";
  }

  /** Options of a scatter. Each is set at most once. Not thread-safe. */
  public static final class Builder {

    private final ShardedDataSource dataSource;
    private int shardsAtATime;
    private int threads;
    private @Nullable Duration timeout;
    private @Nullable Executor executor;
    private @Nullable TimeSource time;

    private Builder(ShardedDataSource dataSource) {
      this.dataSource = dataSource;
    }

    /**
     * Sets how many shards one call asks at a time.
     *
     * @param shards 1 or more, 8 unless set
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if it is set already
     */
    public Builder shardsAtATime(int shards) {
      SetOnce.refuseSecond("scatter", "shardsAtATime", shardsAtATime != 0);
      shardsAtATime = Options.atLeastOne("shardsAtATime", shards);
      return this;
    }

    /**
     * Sets how many threads all calls together have; they are daemons, and end when idle.
     *
     * @param number 1 or more, 32 unless set
     * @return this
     * @throws IllegalArgumentException if it is less than 1
     * @throws IllegalStateException if it is set already
     */
    public Builder threads(int number) {
      SetOnce.refuseSecond("scatter", "threads", threads != 0);
      threads = Options.atLeastOne("threads", number);
      return this;
    }

    /**
     * Sets who runs the work instead of threads of its own. One that runs it in the calling thread
     * makes the caller wait beyond the deadline.
     *
     * @param executor stays the caller's to shut down
     * @return this
     * @throws IllegalStateException if it is set already
     */
    public Builder executor(Executor executor) {
      this.executor = Options.once("scatter", "executor", this.executor, executor);
      return this;
    }

    /**
     * Sets the deadline of a call, where the request has no earlier one.
     *
     * @param timeout from the start of a call; 30 seconds unless set
     * @return this
     * @throws IllegalArgumentException if it is not more than zero
     * @throws IllegalStateException if it is set already
     */
    public Builder timeout(Duration timeout) {
      this.timeout = checkedTimeout(Options.once("scatter", "timeout", this.timeout, timeout));
      return this;
    }

    /**
     * Sets the clock, the system's unless set.
     *
     * @param time the clock
     * @return this
     * @throws IllegalStateException if it is set already
     */
    public Builder time(TimeSource time) {
      this.time = Options.once("scatter", "time", this.time, time);
      return this;
    }

    /**
     * Builds the scatter. Starts no thread yet.
     *
     * @return the scatter
     * @throws IllegalStateException if both threads and an executor are set
     */
    public Scatter build() {
      if (executor != null && threads != 0) {
        throw new IllegalStateException(
            "threads(" + threads + ") and executor(...) are both set: set one of them");
      }
      return new Scatter(this);
    }
  }
}
