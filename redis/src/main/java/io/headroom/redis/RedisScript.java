package io.headroom.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What Redis runs in one step. Immutable and thread-safe. */
public final class RedisScript {

  private final String text;
  private final String digest;

  private RedisScript(String text) {
    this.text = text;
    this.digest = sha1(text);
  }

  /**
   * Reads a script.
   *
   * @param beside the class beside which the texts lie
   * @param names of the texts, without their {@code .lua}; the script is one after the other
   * @return the script
   * @throws IllegalStateException if there is no such text
   */
  public static RedisScript of(Class<?> beside, String... names) {
    StringBuilder text = new StringBuilder();
    for (String name : names) {
      text.append(resource(beside, name));
    }
    return new RedisScript(text.toString());
  }

  private static String resource(Class<?> beside, String name) {
    try (InputStream in = beside.getResourceAsStream(name + ".lua")) {
      if (in == null) {
        throw new IllegalStateException(name + ".lua is missing in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private static String sha1(String text) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1"); // Redis's own name for a script
      return HexFormat.of().formatHex(sha1.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /**
   * Returns the text.
   *
   * @return for EVAL
   */
  public String text() {
    return text;
  }

  /**
   * Returns what Redis calls it.
   *
   * @return for EVALSHA: its SHA-1 in hexadecimal digits
   */
  public String digest() {
    return digest;
  }
}
