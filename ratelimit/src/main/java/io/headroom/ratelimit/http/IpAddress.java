package io.headroom.ratelimit.http;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An IP address, read from its text and nothing else: no name is ever looked up.
 *
 * <p>IPv4 is four decimal numbers without leading zeros, which some readers take for octal. IPv6 is
 * as RFC 4291 has it, with an optional zone ({@code %eth0}), which is dropped, as it means
 * something on its own host only. An IPv4 address in IPv6's clothes ({@code ::ffff:192.0.2.1}) is
 * the IPv4 address.
 */
final class IpAddress {

  private static final int V4 = 4;
  private static final int V6 = 16;
  private static final int GROUPS = 8;

  /** Where the IPv4 address is in a mapped one. */
  private static final int MAPPED = V6 - V4;

  /** The longest text of an IPv6 address, with an IPv4 address at its end. */
  private static final int LONGEST = 45;

  private final byte[] bytes;

  private IpAddress(byte[] bytes) {
    this.bytes = bytes;
  }

  /** Reads an address; null if it is none. */
  static @Nullable IpAddress parse(String text) {
    int zone = text.indexOf('%');
    String address = zone < 0 ? text : text.substring(0, zone);
    if (address.length() > LONGEST) {
      return null;
    }
    if (address.indexOf(':') < 0) {
      byte[] bytes = zone < 0 ? v4(address) : null;
      return bytes == null ? null : new IpAddress(bytes);
    }
    byte[] bytes = zone < 0 || isZone(text, zone + 1) ? v6(address) : null;
    return bytes == null ? null : new IpAddress(isMapped(bytes) ? endOf(bytes) : bytes);
  }

  private static boolean isZone(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!isLetterOrDigit(c) && c != '.' && c != '_' && c != '-' && c != '~') {
        return false;
      }
    }
    return from < text.length();
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static byte @Nullable [] v4(String text) {
    byte[] bytes = new byte[V4];
    int at = 0;
    for (int i = 0; i < V4; i++) {
      int end = i < V4 - 1 ? text.indexOf('.', at) : text.length();
      int number = end < 0 ? -1 : decimal(text, at, end);
      if (number < 0) {
        return null;
      }
      bytes[i] = (byte) number;
      at = end + 1;
    }
    return bytes;
  }

  /** Up to 255, without leading zeros; -1 if it is not. */
  private static int decimal(String text, int from, int to) {
    int length = to - from;
    if (length < 1 || length > 3 || (length > 1 && text.charAt(from) == '0')) {
      return -1;
    }
    int number = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = 10 * number + (c - '0');
    }
    return number <= 0xff ? number : -1;
  }

  private static byte @Nullable [] v6(String text) {
    int gap = text.indexOf("::");
    if (gap < 0) {
      byte[] all = groups(text);
      return all != null && all.length == V6 ? all : null;
    }
    byte[] before = groups(text.substring(0, gap));
    byte[] after = groups(text.substring(gap + 2));
    // The gap is of one group or more; and an IPv4 address is at the very end or not at all.
    if (before == null
        || after == null
        || before.length + after.length > V6 - 2
        || text.lastIndexOf('.', gap) >= 0) {
      return null;
    }
    byte[] bytes = Arrays.copyOf(before, V6);
    System.arraycopy(after, 0, bytes, V6 - after.length, after.length);
    return bytes;
  }

  /** Groups with colons between them, the last perhaps an IPv4 address; null if malformed. */
  private static byte @Nullable [] groups(String text) {
    if (text.isEmpty()) {
      return new byte[0];
    }
    byte[] bytes = new byte[V6];
    int length = 0;
    for (int at = 0; at <= text.length(); ) {
      int colon = text.indexOf(':', at);
      int end = colon < 0 ? text.length() : colon;
      byte[] group = colon < 0 && text.indexOf('.', at) >= 0 ? v4(text.substring(at)) : null;
      if (group == null) {
        group = hex(text, at, end);
      }
      if (group == null || length + group.length > V6) {
        return null;
      }
      System.arraycopy(group, 0, bytes, length, group.length);
      length += group.length;
      at = end + 1;
    }
    return Arrays.copyOf(bytes, length);
  }

  private static byte @Nullable [] hex(String text, int from, int to) {
    if (to - from < 1 || to - from > 4) {
      return null;
    }
    int number = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      int digit = c < 0x80 ? Character.digit(c, 16) : -1;
      if (digit < 0) {
        return null;
      }
      number = 16 * number + digit;
    }
    return new byte[] {(byte) (number >> 8), (byte) number};
  }

  private static boolean isMapped(byte[] v6) {
    for (int i = 0; i < MAPPED - 2; i++) {
      if (v6[i] != 0) {
        return false;
      }
    }
    return v6[MAPPED - 2] == -1 && v6[MAPPED - 1] == -1;
  }

  private static byte[] endOf(byte[] v6) {
    return Arrays.copyOfRange(v6, MAPPED, V6);
  }

  boolean isV6() {
    return bytes.length == V6;
  }

  /** How many bits it has. */
  int bits() {
    return 8 * bytes.length;
  }

  /** The same with all bits cleared but the first so many. */
  IpAddress prefix(int length) {
    byte[] kept = bytes.clone();
    for (int i = 0; i < kept.length; i++) {
      int bits = Math.max(0, Math.min(8, length - 8 * i));
      kept[i] &= (byte) (0xff00 >> bits);
    }
    return new IpAddress(kept);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IpAddress that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The one way to write it, of IPv6 that of RFC 5952. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(LONGEST);
    if (!isV6()) {
      for (byte each : bytes) {
        text.append(text.isEmpty() ? "" : ".").append(each & 0xff);
      }
      return text.toString();
    }
    int[] gap = longestGap();
    for (int i = 0; i < GROUPS; i++) {
      if (i == gap[0]) {
        text.append("::");
        i += gap[1] - 1;
      } else {
        boolean first = i == 0 || i == gap[0] + gap[1];
        text.append(first ? "" : ":").append(Integer.toHexString(group(i)));
      }
    }
    return text.toString();
  }

  private int group(int index) {
    return (bytes[2 * index] & 0xff) << 8 | (bytes[2 * index + 1] & 0xff);
  }

  /** The first of the longest runs of two and more zero groups: where it is, and how long. */
  private int[] longestGap() {
    int[] longest = {-2, 1};
    int start = 0;
    for (int i = 0; i < GROUPS; i++) {
      if (group(i) != 0) {
        start = i + 1;
      } else if (i + 1 - start > longest[1]) {
        longest = new int[] {start, i + 1 - start};
      }
    }
    return longest;
  }
}
