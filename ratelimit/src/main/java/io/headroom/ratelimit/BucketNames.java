package io.headroom.ratelimit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the buckets of a limiter are called in Redis, the same in all processes.
 *
 * <pre>
 * headroom:limit:{door:user:42}      of policy 'user' and key 42, in a slot of its own
 * headroom:limit:{door:all}          of a policy without keys
 * headroom:limit:{door:acme}:user:42 with the tag 'acme', which all buckets of a request share
 * headroom:limit:{door}              the processes that have the limiter
 * </pre>
 *
 * <p>A key of more than 200 bytes stands as its SHA-256, after a # in place of the last colon. So
 * do a tag with a closing brace, which would end where its keys begin, and a text with half a
 * character (a lone surrogate), of which UTF-8 makes a question mark. Immutable and thread-safe.
 */
final class BucketNames {

  private static final Pattern NAME = Pattern.compile("[\\x21-\\x7E&&[^:{}#]]{1,56}");
  private static final int LONGEST_KEY = 200;

  private final String limiter;

  /**
   * Creates them.
   *
   * @throws IllegalArgumentException if the limiter's name cannot be part of a key
   */
  BucketNames(String limiter) {
    this.limiter = require("limiter", limiter);
  }

  /** Throws {@link IllegalArgumentException} if the name cannot be part of a key. */
  static String require(String what, String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "the name of a shared "
              + what
              + " is part of its keys in Redis: at most 56 printable ASCII characters, no space,"
              + " colon, brace or #, was '"
              + name
              + "'");
    }
    return name;
  }

  /** Of the processes. */
  String presence() {
    return "headroom:limit:{" + limiter + "}";
  }

  /**
   * Of a bucket.
   *
   * @param key null for a policy that has none
   * @param tag null if there is none
   * @throws IllegalArgumentException if a key's text need not be the same in all processes
   */
  String bucket(String policy, @Nullable Object key, @Nullable Object tag) {
    String last = key == null ? policy : policy + text(textOf("policy '" + policy + "'", key));
    return tag == null
        ? "headroom:limit:{" + limiter + ":" + last + "}"
        : "headroom:limit:{" + limiter + tag(tag) + "}:" + last;
  }

  private static String tag(Object tag) {
    String text = textOf("the tag", tag);
    return text.indexOf('}') < 0 ? text(text) : "#" + digest(bytes(text));
  }

  private static String textOf(String whose, Object key) {
    if (!(key instanceof CharSequence
        || key instanceof Number
        || key instanceof UUID
        || key instanceof Boolean
        || key instanceof Character)) {
      if (key instanceof Enum<?> constant) {
        return constant.name();
      }
      throw new IllegalArgumentException(
          whose
              + ": a key that processes share must be a string, a number, a UUID or an enum's"
              + " constant, so that all of them call it the same; was of "
              + key.getClass().getName()
              + ". Give its id");
    }
    return key.toString();
  }

  private static String text(String text) {
    boolean isText = isWellFormed(text);
    if (isText && text.length() <= LONGEST_KEY / 3) {
      return ":" + text;
    }
    byte[] bytes = bytes(text);
    return isText && bytes.length <= LONGEST_KEY ? ":" + text : "#" + digest(bytes);
  }

  private static boolean isWellFormed(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (!Character.isSupplementaryCodePoint(text.codePointAt(i))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  /** UTF-8; or what no UTF-8 begins with, and the chars. */
  private static byte[] bytes(String text) {
    if (isWellFormed(text)) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    ByteBuffer chars = ByteBuffer.allocate(1 + 2 * text.length()).put((byte) 0xff);
    for (int i = 0; i < text.length(); i++) {
      chars.putChar(text.charAt(i));
    }
    return chars.array();
  }

  private static String digest(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
