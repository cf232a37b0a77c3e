package io.headroom.testkit.servers;

import java.io.Serial;

/**
 * A server could not be unpacked, started, signalled or removed, or it refused a command.
 *
 * <p>The message names the server or file, the command that failed with the last lines of its
 * output, and what can be done about it.
 */
public final class ServerException extends RuntimeException {

  @Serial private static final long serialVersionUID = 1L;

  ServerException(String message) {
    super(message);
  }

  ServerException(String message, Throwable cause) {
    super(message, cause);
  }
}
