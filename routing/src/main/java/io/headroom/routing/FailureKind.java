package io.headroom.routing;

/** What a failure of a statement or a connection says of the server. */
public enum FailureKind {
  /**
   * Of the statement alone: a constraint, a syntax error, a cancel by the caller, a server beyond
   * this one that it asked. The session goes on.
   */
  STATEMENT,
  /** The session, or the server, is gone: broken connection, shutdown, refused. */
  CONNECTION_LOST,
  /**
   * The server ended this session by its own rules: idle for too long, in its transaction for too
   * long, in the way of a change that a replica had to apply. It speaks against no server.
   */
  SESSION_ENDED,
  /**
   * The connection had been closed before this, by whomever: nothing was sent, and it says nothing
   * of the server.
   */
  CONNECTION_CLOSED,
  /**
   * A replica had to end the read so as to apply a change, or the like: it may be tried elsewhere.
   */
  READ_CONFLICT,
  /**
   * A write was refused since the session or the server is read-only; which, the server must say.
   */
  READ_ONLY
}
