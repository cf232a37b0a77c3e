package io.headroom.ratelimit.http;

import org.jspecify.annotations.Nullable;

/**
 * Addresses that begin alike: {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or a single one.
 *
 * <p>An IPv4 range never holds an IPv6 address, nor the other way round.
 */
record IpRange(IpAddress first, int length) {

  /** What a mapped address has before its IPv4 address. */
  private static final int MAPPED = 96;

  /** Reads a range, or throws {@link IllegalArgumentException}. */
  static IpRange parse(String text) {
    int slash = text.indexOf('/');
    IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    if (address == null || text.indexOf('%') >= 0) {
      throw new IllegalArgumentException(
          "proxies must be addresses or ranges such as 10.0.0.0/8 or 2001:db8::/32, was '"
              + text
              + "'");
    }
    boolean mapped = !address.isV6() && text.indexOf(':') >= 0;
    int least = mapped ? MAPPED : 0;
    int most = address.bits() + least;
    int length = slash < 0 ? most : number(text.substring(slash + 1));
    if (length < least || length > most) {
      throw new IllegalArgumentException(
          "the length of a range must be " + least + " to " + most + ", was '" + text + "'");
    }
    IpAddress first = address.prefix(length - least);
    if (!first.equals(address)) {
      throw new IllegalArgumentException(
          "a range must begin with its first address, was '"
              + text
              + "'; did you mean "
              + first
              + "/"
              + (length - least)
              + "?");
    }
    return new IpRange(first, length - least);
  }

  /** -1 if it is none. */
  private static int number(String text) {
    return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : -1;
  }

  boolean holds(@Nullable IpAddress address) {
    return address != null
        && address.isV6() == first.isV6()
        && address.prefix(length).equals(first);
  }

  @Override
  public String toString() {
    return first + "/" + length;
  }
}
