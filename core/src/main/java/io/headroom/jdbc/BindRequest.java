package io.headroom.jdbc;

import io.headroom.RequestContext;
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
  private final RequestContext context;

  private BindRequest(
      boolean readOnly, boolean autoCommit, boolean forMetadata, RequestContext context) {
    this.readOnly = readOnly;
    this.autoCommit = autoCommit;
    this.forMetadata = forMetadata;
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
    return new BindRequest(readOnly, autoCommit, false, RequestContext.current());
  }

  /**
   * A request for a connection that is only asked for constants of the database, like its product
   * name, and given back at once. Any database behind the source will do.
   *
   * @return the request, read-only and with autocommit
   */
  public static BindRequest forMetadataOnly() {
    return new BindRequest(true, true, true, RequestContext.current());
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
        + "]";
  }
}
