package io.headroom.routing;

import java.io.Serial;
import java.sql.SQLException;

/**
 * A node in doubt was to answer first, and its answer was not waited for: the request's time was
 * up, or the thread was interrupted. Nothing was sent, and it says nothing of the node.
 */
final class NotAwaitedException extends SQLException {

  @Serial private static final long serialVersionUID = 1L;

  NotAwaitedException(Node node) {
    super(
        "node '"
            + node.name()
            + "' was to answer first, since a connection to it just broke, and there was no time to"
            + " wait for that: the request's deadline has passed, or its thread was interrupted",
        "57014");
  }
}
