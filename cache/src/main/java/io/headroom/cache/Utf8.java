package io.headroom.cache;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.util.Locale;

/** Text as bytes and back, without the question marks that the JDK puts for what it can't turn. */
final class Utf8 {

  private static final char REPLACEMENT = '\uFFFD';

  private Utf8() {}

  /**
   * The text's bytes.
   *
   * @throws IllegalArgumentException if it has a surrogate without its other half
   */
  static byte[] encode(String text) {
    int lone = indexOfLoneSurrogate(text);
    if (lone >= 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "text has a lone surrogate (U+%04X) at index %d of %d, so it has no UTF-8 form: cut"
                  + " texts between characters, not inside of one",
              (int) text.charAt(lone),
              lone,
              text.length()));
    }
    return text.getBytes(UTF_8);
  }

  /**
   * The bytes' text.
   *
   * @throws IllegalArgumentException if they are malformed
   */
  static String decode(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    if (text.indexOf(REPLACEMENT) >= 0) {
      refuseMalformed(bytes); // unless somebody wrote that very character
    }
    return text;
  }

  private static void refuseMalformed(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CoderResult result = UTF_8.newDecoder().decode(in, CharBuffer.allocate(bytes.length), true);
    if (result.isError()) {
      throw new IllegalArgumentException(
          "malformed UTF-8 at byte "
              + in.position()
              + " of "
              + bytes.length
              + ": something else than text, or text in another encoding");
    }
  }

  private static int indexOfLoneSurrogate(String text) {
    int length = text.length();
    for (int index = 0; index < length; index++) {
      char unit = text.charAt(index);
      if (Character.isSurrogate(unit)) {
        if (!Character.isHighSurrogate(unit)
            || index + 1 == length
            || !Character.isLowSurrogate(text.charAt(index + 1))) {
          return index;
        }
        index++;
      }
    }
    return -1;
  }
}
