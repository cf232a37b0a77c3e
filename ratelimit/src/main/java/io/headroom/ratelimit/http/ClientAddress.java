package io.headroom.ratelimit.http;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Whom a request is from, by address, behind the proxies that you list and no others.
 *
 * <pre>{@code
 * ClientAddress address = ClientAddress.xForwardedFor("10.0.0.0/8", "fd00::/8");
 *
 * String client = address.of(request.getRemoteAddr(), request.headers()::allValues);
 * }</pre>
 *
 * <p><b>The rule.</b> Start with who is connected. While that is one of the proxies, go on to whom
 * it says that it was called by: the next element of its header from the right. The first that is
 * no proxy is the client. What stands further left was written by the client, or by somebody before
 * it, and is not looked at. Where an element does not tell an address, the way ends, and the proxy
 * that wrote it is the answer: an address that it hides ({@code unknown}, {@code _gazonk}), nothing
 * at all, a name, a malformed address, or an element that is itself malformed. The same goes for a
 * request that comes from a proxy without the header, for one that all of whose addresses are
 * proxies, and after 32 of them: all such requests of one proxy are one client.
 *
 * <p>One header is read, the one that your proxies write. Reading the other as well would let
 * clients choose their address, since proxies hand on unread what they don't know. Several lines of
 * the header are one list. A client within the listed ranges is believed as a proxy is, so list
 * proxies, not networks that clients are in.
 *
 * <p>Elements may have ports and, around IPv6 addresses, brackets; zones ({@code %eth0}) are
 * dropped. Addresses are read strictly, and never looked up as names. IPv4 addresses mapped into
 * IPv6 are IPv4 addresses. Of IPv6 the first 64 bits count, since a subscriber is given no less
 * (RFC 6177): {@code 2001:db8:1:2::/64}; see {@link #ipv6Prefix}.
 *
 * <p>Where the server itself has put the client in the peer's place (Tomcat's {@code
 * RemoteIpValve}, Jetty's {@code ForwardedRequestCustomizer}, Spring's {@code
 * ForwardedHeaderFilter}), it is its list that counts: use {@link #ofPeer}.
 *
 * <p>Immutable and thread-safe.
 */
public final class ClientAddress {

  /** More proxies than anybody has in a row. */
  private static final int MOST_PROXIES = 32;

  private static final int SUBSCRIBER_BITS = 64;

  /** Of peers that have no address, such as those at a Unix domain socket. */
  private static final String UNKNOWN = "unknown";

  private final Style style;
  private final List<IpRange> proxies;
  private final int ipv6Prefix;

  private enum Style {
    NONE(""),
    X_FORWARDED_FOR("X-Forwarded-For"),
    FORWARDED("Forwarded");

    final String header;

    Style(String header) {
      this.header = header;
    }

    @Nullable IpAddress address(String element) {
      String node = this == FORWARDED ? ForwardedElement.forOf(element) : element;
      return node == null ? null : node(node);
    }
  }

  private ClientAddress(Style style, List<IpRange> proxies, int ipv6Prefix) {
    this.style = style;
    this.proxies = proxies;
    this.ipv6Prefix = ipv6Prefix;
  }

  /**
   * Takes who is connected, whatever headers say: for servers without proxies before them.
   *
   * @return by the peer alone
   */
  public static ClientAddress ofPeer() {
    return new ClientAddress(Style.NONE, List.of(), SUBSCRIBER_BITS);
  }

  /**
   * Believes the {@code X-Forwarded-For} of the proxies.
   *
   * @param proxies their addresses, or ranges of them: {@code 10.0.0.0/8}, {@code 2001:db8::7}
   * @return by this header
   * @throws IllegalArgumentException if one is neither, or none is given
   */
  public static ClientAddress xForwardedFor(String... proxies) {
    return behind(Style.X_FORWARDED_FOR, proxies);
  }

  /**
   * Believes the {@code Forwarded} (RFC 7239) of the proxies.
   *
   * @param proxies their addresses, or ranges of them: {@code 10.0.0.0/8}, {@code 2001:db8::7}
   * @return by this header
   * @throws IllegalArgumentException if one is neither, or none is given
   */
  public static ClientAddress forwarded(String... proxies) {
    return behind(Style.FORWARDED, proxies);
  }

  private static ClientAddress behind(Style style, String... proxies) {
    if (proxies.length == 0) {
      throw new IllegalArgumentException(
          "proxies must be one or more: the header of anybody else would be believed by nobody;"
              + " without proxies there is ofPeer()");
    }
    List<IpRange> ranges = Arrays.stream(proxies).map(IpRange::parse).toList();
    return new ClientAddress(style, ranges, SUBSCRIBER_BITS);
  }

  /**
   * Returns the same with another idea of who shares an IPv6 address: how many of its bits count;
   * 64 unless set.
   *
   * @param length 1 to 128; 56 or 48 where subscribers get that much, 128 to tell all apart
   * @return another one
   * @throws IllegalArgumentException if it is out of range
   */
  public ClientAddress ipv6Prefix(int length) {
    if (length < 1 || length > 128) {
      throw new IllegalArgumentException("ipv6Prefix must be 1 to 128, was " + length);
    }
    return new ClientAddress(style, proxies, length);
  }

  /**
   * Finds the client.
   *
   * @param peer the address of who is connected; null if it has none
   * @param headers gives the values of a header by its name, one for each line, in their order;
   *     empty if there are none. Asked only if the peer is a proxy
   * @return its address, as {@code 192.0.2.1}, {@code 2001:db8:1:2::/64} or, with an {@link
   *     #ipv6Prefix} of 128, {@code 2001:db8:1:2::7}; the same address is always the same text. A
   *     peer that is none is told as it is; without one it is {@code unknown}
   */
  public String of(@Nullable String peer, Function<String, List<String>> headers) {
    Objects.requireNonNull(headers, "headers must not be null");
    IpAddress address = peer == null ? null : node(peer);
    if (address == null) {
      return peer == null || peer.isBlank() ? UNKNOWN : peer;
    }
    if (isProxy(address)) {
      address = calledBy(address, new Hops(headers.apply(style.header), style == Style.FORWARDED));
    }
    return text(address);
  }

  private IpAddress calledBy(IpAddress proxy, Hops hops) {
    IpAddress last = proxy;
    for (int i = 0; i < MOST_PROXIES && isProxy(last); i++) {
      String element = hops.previous();
      IpAddress caller = element == null ? null : style.address(element);
      if (caller == null) {
        return last;
      }
      last = caller;
    }
    return last;
  }

  private boolean isProxy(IpAddress address) {
    for (IpRange range : proxies) {
      if (range.holds(address)) {
        return true;
      }
    }
    return false;
  }

  private String text(IpAddress address) {
    return address.isV6() && ipv6Prefix < address.bits()
        ? address.prefix(ipv6Prefix) + "/" + ipv6Prefix
        : address.toString();
  }

  /** {@code 192.0.2.1}, {@code 192.0.2.1:80}, {@code 2001:db8::1}, {@code [2001:db8::1]:80}. */
  private static @Nullable IpAddress node(String text) {
    int colon = text.indexOf(':');
    if (text.startsWith("[")) {
      int close = text.indexOf(']');
      boolean v6 = colon >= 0 && colon < close;
      return v6 && isPort(text.substring(close + 1))
          ? IpAddress.parse(text.substring(1, close))
          : null;
    }
    if (colon >= 0 && colon == text.lastIndexOf(':')) {
      return isPort(text.substring(colon)) ? IpAddress.parse(text.substring(0, colon)) : null;
    }
    return IpAddress.parse(text);
  }

  /** None, or a number, or one that is hidden ({@code :_gazonk}, RFC 7239, section 6). */
  private static boolean isPort(String text) {
    return text.isEmpty() || text.matches(":([0-9]{1,5}|_[0-9A-Za-z._-]+)");
  }

  /**
   * Returns it in words.
   *
   * @return such as {@code ClientAddress[X-Forwarded-For of [10.0.0.0/8]]}
   */
  @Override
  public String toString() {
    String by = style == Style.NONE ? "peer" : style.header + " of " + proxies;
    return "ClientAddress[" + by + "]";
  }
}
