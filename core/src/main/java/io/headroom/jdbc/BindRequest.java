package io.headroom.jdbc;

import io.headroom.RequestContext;
import java.sql.Connection;
import java.util.Objects;

/**
 * What is known of the work to come when a connection is bound. Immutable.
 *
 * <p>A source that asks another source passes its request on, or, to borrow on its own account,
 * makes one:
 *
 * <pre>{@code
 * Binding binding = source.bind(BindRequest.of(true, true));
 * }</pre>
 */
public final class BindRequest {

  private final boolean readOnly;
  private final boolean autoCommit;
  private final boolean forMetadata;
  private final int isolation;
  private final RequestContext context;

  private BindRequest(
      boolean readOnly,
      boolean autoCommit,
      boolean forMetadata,
      int isolation,
      RequestContext context) {
    this.readOnly = readOnly;
    this.autoCommit = autoCommit;
    this.forMetadata = forMetadata;
    this.isolation = isolation;
    this.context = Objects.requireNonNull(context, "context must not be null");
  }

  /**
   * A request in the name of the current {@link RequestContext}.
   *
   * @param readOnly whether the work was declared read-only
   * @param autoCommit whether each statement is a transaction of its own
   * @return the request
   */
  public static BindRequest of(boolean readOnly, boolean autoCommit) {
    return of(readOnly, autoCommit, Connection.TRANSACTION_NONE);
  }

  /**
   * As {@link #of(boolean, boolean)}, for work that asked for an isolation level.
   *
   * @param readOnly whether the work was declared read-only
   * @param autoCommit whether each statement is a transaction of its own
   * @param isolation one of {@link Connection}'s; {@link Connection#TRANSACTION_NONE} for whatever
   *     the connection begins with
   * @return the request
   */
  public static BindRequest of(boolean readOnly, boolean autoCommit, int isolation) {
    return new BindRequest(readOnly, autoCommit, false, isolation, RequestContext.current());
  }

  /**
   * A request for a connection that is only asked for constants of the database, like its product
   * name, and given back at once. Any database behind the source will do.
   *
   * @return the request, read-only and with autocommit
   */
  public static BindRequest forMetadataOnly() {
    return new BindRequest(true, true, true, Connection.TRANSACTION_NONE, RequestContext.current());
  }

  /**
   * Whether the work was declared read-only. Read-write is signalled by absence: a default of the
   * pool does not count.
   *
   * @return true after {@code setReadOnly(true)}
   */
  public boolean readOnly() {
    return readOnly;
  }

  /**
   * Whether each statement will be a transaction of its own.
   *
   * @return false after {@code setAutoCommit(false)}
   */
  public boolean autoCommit() {
    return autoCommit;
  }

  /**
   * Whether the connection is only asked for constants of the database and given back at once.
   *
   * @return true where any database behind the source will do
   */
  public boolean forMetadata() {
    return forMetadata;
  }

  /**
   * At which isolation level the work is to run, as far as was said: a default of the pool does not
   * count.
   *
   * @return what {@code setTransactionIsolation} was given; {@link Connection#TRANSACTION_NONE} if
   *     it was not called
   */
  public int isolation() {
    return isolation;
  }

  /**
   * In whose name the work is done.
   *
   * @return the context that was current when the connection was bound
   */
  public RequestContext context() {
    return context;
  }

  @Override
  public String toString() {
    return "BindRequest[readOnly="
        + readOnly
        + ", autoCommit="
        + autoCommit
        + ", forMetadata="
        + forMetadata
        + ", isolation="
        + isolation
        + "]";
  }
}
