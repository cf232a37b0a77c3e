package io.headroom;

/** Tells whether a string has a UTF-8 form. */
final class WellFormed {

  private WellFormed() {}

  /** The index of the first surrogate without its other half, -1 if there is none. */
  static int indexOfLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char unit = text.charAt(i);
      if (Character.isSurrogate(unit)) {
        boolean pair =
            Character.isHighSurrogate(unit)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          return i;
        }
        i++;
      }
    }
    return -1;
  }
}
