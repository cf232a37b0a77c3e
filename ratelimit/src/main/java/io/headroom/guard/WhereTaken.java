package io.headroom.guard;

import java.io.Serial;

/** A stack trace of where something was taken, for a log. Never thrown. */
final class WhereTaken extends Throwable {

  @Serial private static final long serialVersionUID = 1L;

  WhereTaken() {
    super("it was taken here");
  }
}
