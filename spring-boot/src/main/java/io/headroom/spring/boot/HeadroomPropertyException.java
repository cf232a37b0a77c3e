package io.headroom.spring.boot;

import io.headroom.HeadroomException;
import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** A property that stops the start: which, what is wrong with it, and how to mend it. */
final class HeadroomPropertyException extends HeadroomException {

  @Serial private static final long serialVersionUID = 1L;

  private final String property;
  private final String wrong;
  private final String mend;

  /**
   * Names the property.
   *
   * @param property in full, as in a configuration file
   * @param wrong what is wrong
   * @param mend what to do
   * @param cause what found out, if anything did
   */
  HeadroomPropertyException(String property, String wrong, String mend, @Nullable Throwable cause) {
    super(property + ": " + wrong + " " + mend);
    if (cause != null) {
      initCause(cause);
    }
    this.property = property;
    this.wrong = wrong;
    this.mend = mend;
  }

  String property() {
    return property;
  }

  String wrong() {
    return wrong;
  }

  String mend() {
    return mend;
  }
}
