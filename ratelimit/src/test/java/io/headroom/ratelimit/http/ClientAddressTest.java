package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientAddressTest {

  private static final String PROXY = "10.0.0.1";

  private static final ClientAddress LISTED =
      ClientAddress.xForwardedFor("10.0.0.0/8", "fd00::/8", "203.0.113.80");

  private static final ClientAddress STANDARD =
      ClientAddress.forwarded("10.0.0.0/8", "fd00::/8", "203.0.113.80");

  private static String listed(String peer, String... lines) {
    return LISTED.of(peer, name -> name.equals("X-Forwarded-For") ? List.of(lines) : List.of());
  }

  private static String standard(String peer, String... lines) {
    return STANDARD.of(peer, name -> name.equals("Forwarded") ? List.of(lines) : List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "198.51.100.7 | 192.0.2.1 | 198.51.100.7 | a stranger's header is not read",
        "10.0.0.1 | 192.0.2.1 | 192.0.2.1 | a proxy's is",
        "10.0.0.1 | 192.0.2.1, 10.0.0.9 | 192.0.2.1 | through two proxies",
        "10.0.0.1 | 9.9.9.9, 192.0.2.1, 10.0.0.9 | 192.0.2.1 | the client wrote the left",
        "10.0.0.1 | 10.0.0.7, 192.0.2.1 | 192.0.2.1 | a proxy named by a client is none",
        "10.0.0.1 | 192.0.2.1, 203.0.113.80 | 192.0.2.1 | a single listed address",
        "::ffff:10.0.0.1 | 192.0.2.1 | 192.0.2.1 | a mapped peer",
        "10.0.0.1 | ::ffff:192.0.2.1 | 192.0.2.1 | a mapped client",
        "10.0.0.1 | 192.0.2.1, ::ffff:10.0.0.2 | 192.0.2.1 | a mapped proxy",
        "fd00::1 | 2001:db8:1:2:3:4:5:6 | 2001:db8:1:2::/64 | a subscriber's addresses are one",
        "[fd00::1] | 192.0.2.1 | 192.0.2.1 | a peer in brackets",
        "fd00:0:0:0:0:0:0:1%2 | 192.0.2.1 | 192.0.2.1 | a peer with a zone",
        "10.0.0.1 | 192.0.2.1:4711 | 192.0.2.1 | a port",
        "10.0.0.1 | [2001:db8:1:2::1]:4711 | 2001:db8:1:2::/64 | an IPv6 port",
        "10.0.0.1 | [2001:db8:1:2::1] | 2001:db8:1:2::/64 | brackets",
        "10.0.0.1 | fe80::1%eth0 | fe80::/64 | a zone",
        "10.0.0.1 | [fe80::1%eth0]:80 | fe80::/64 | a zone and a port",
        "10.0.0.1 | 192.0.2.1:_p | 192.0.2.1 | a hidden port",
        "10.0.0.1 | 9.9.9.9, unknown | 10.0.0.1 | who is hidden ends the way",
        "10.0.0.1 | 9.9.9.9, _gazonk, 10.0.0.9 | 10.0.0.9 | at the last proxy",
        "10.0.0.1 | 9.9.9.9, , 10.0.0.9 | 10.0.0.9 | nothing is not skipped",
        "10.0.0.1 | 9.9.9.9, | 10.0.0.1 | nor at the end",
        "10.0.0.1 | 9.9.9.9, 192.0.2.1.example.org | 10.0.0.1 | names are not looked up",
        "10.0.0.1 | 9.9.9.9, 192.0.2.01 | 10.0.0.1 | an octal number",
        "10.0.0.1 | 9.9.9.9, 192.0.2.1:http | 10.0.0.1 | a malformed port",
        "10.0.0.1 | 9.9.9.9, 192.0.2.1: | 10.0.0.1 | an empty port",
        "10.0.0.1 | 9.9.9.9, [192.0.2.1]:80 | 10.0.0.1 | IPv4 has no brackets",
        "10.0.0.1 | 9.9.9.9, [2001:db8::1 | 10.0.0.1 | brackets that don't close",
        "10.0.0.1 | 9.9.9.9, 2001:db8::1]:80 | 10.0.0.1 | nor open",
        "10.0.0.1 | 9.9.9.9, [2001:db8::1]80 | 10.0.0.1 | rubbish after brackets",
        "10.0.0.1 | '9.9.9.9, \"192.0.2.1\"' | 10.0.0.1 | no quotes in this header",
        "10.0.0.1 | 10.0.0.3, 10.0.0.2 | 10.0.0.3 | all are proxies: the first",
        "10.0.0.1 | \t192.0.2.1 \t,\t10.0.0.2\t | 192.0.2.1 | white space"
      })
  void xForwardedFor(String peer, String header, String client, String why) {
    assertThat(listed(peer, header)).as(why).isEqualTo(client);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "198.51.100.7 | for=192.0.2.1 | 198.51.100.7 | a stranger's header is not read",
        "10.0.0.1 | for=192.0.2.1 | 192.0.2.1 | a proxy's is",
        "10.0.0.1 | For=192.0.2.1;Proto=https;By=10.0.0.1 | 192.0.2.1 | any case, any others",
        "10.0.0.1 | proto=http ; FOR=192.0.2.1 ; | 192.0.2.1 | any order, empty pairs, blanks",
        "10.0.0.1 | 'for=\"192.0.2.1:4711\"' | 192.0.2.1 | a port",
        "10.0.0.1 | for=192.0.2.1:4711 | 192.0.2.1 | a port that should be quoted",
        "10.0.0.1 | 'for=\"[2001:db8:1:2::1]:4711\"' | 2001:db8:1:2::/64 | IPv6 with a port",
        "10.0.0.1 | 'for=\"[2001:db8:1:2::1]:_x\"' | 2001:db8:1:2::/64 | with a hidden one",
        "10.0.0.1 | 'for=\"[2001:DB8:1:2::1]\", for=10.0.0.3' | 2001:db8:1:2::/64 | two proxies",
        "10.0.0.1 | 'for=\"192.0.2\\.1\"' | 192.0.2.1 | needless escapes",
        "10.0.0.1 | 'for=9.9.9.9, for=192.0.2.1;host=\"a,for=8.8.8.8\"' | 192.0.2.1 | quoted comma",
        "10.0.0.1 | 'for=192.0.2.1;host=\"a\\\"b,for=8.8.8.8\"' | 192.0.2.1 | and quote",
        "10.0.0.1 | 'for=192.0.2.1;host=\"a\\\\\"' | 192.0.2.1 | an escape that is escaped",
        "10.0.0.1 | 'for=\"9.9.9.9, for=192.0.2.1' | 192.0.2.1 | a quote that the client left open",
        "10.0.0.1 | 'for=9.9.9.9;x=\"\\, for=192.0.2.1' | 192.0.2.1 | or escaped",
        "10.0.0.1 | for=9.9.9.9;, for=192.0.2.1 | 192.0.2.1 | or a pair",
        "10.0.0.1 | for=9.9.9.9, for=unknown | 10.0.0.1 | who is unknown ends the way",
        "10.0.0.1 | for=9.9.9.9, for=_hidden, for=10.0.0.3 | 10.0.0.3 | who is hidden, too",
        "10.0.0.1 | for=9.9.9.9, for=\"_a.b-c_d\" | 10.0.0.1 | in quotes",
        "10.0.0.1 | for=9.9.9.9, proto=https;by=10.0.0.1 | 10.0.0.1 | no for",
        "10.0.0.1 | for=9.9.9.9, for=1.1.1.1;for=2.2.2.2 | 10.0.0.1 | two",
        "10.0.0.1 | for=9.9.9.9, for= | 10.0.0.1 | an empty one",
        "10.0.0.1 | for=9.9.9.9, for=\"\" | 10.0.0.1 | a quoted empty one",
        "10.0.0.1 | for=9.9.9.9, for | 10.0.0.1 | no value",
        "10.0.0.1 | for=9.9.9.9, =192.0.2.1 | 10.0.0.1 | no name",
        "10.0.0.1 | for=9.9.9.9, 192.0.2.1 | 10.0.0.1 | the other header's form",
        "10.0.0.1 | 'for=9.9.9.9, for=\"192.0.2.1\"x' | 10.0.0.1 | rubbish after quotes",
        "10.0.0.1 | for=9.9.9.9, for=192.0.2.1 proto=http | 10.0.0.1 | no semicolon",
        "10.0.0.1 | 'for=9.9.9.9, for=192.0.2.1;host=\"x\\' | 10.0.0.1 | an escape of nothing",
        "10.0.0.1 | for=9.9.9.9, , for=10.0.0.3 | 10.0.0.3 | an empty element"
      })
  void forwarded(String peer, String header, String client, String why) {
    assertThat(standard(peer, header)).as(why).isEqualTo(client);
  }

  @Test
  void severalLinesAreOneList() {
    assertThat(listed(PROXY, "9.9.9.9", "192.0.2.1, 10.0.0.3", "10.0.0.2")).isEqualTo("192.0.2.1");
    assertThat(listed(PROXY, "9.9.9.9", "", "10.0.0.2")).isEqualTo("10.0.0.2");
    assertThat(listed(PROXY, "9.9.9.9", "")).isEqualTo(PROXY);
    assertThat(standard(PROXY, "for=\"9.9.9.9", "for=192.0.2.1", "for=10.0.0.2"))
        .isEqualTo("192.0.2.1");
  }

  @Test
  void withoutTheHeaderTheProxyIsTheClient() {
    assertThat(listed(PROXY)).isEqualTo(PROXY);
    assertThat(standard(PROXY)).isEqualTo(PROXY);
  }

  @Test
  void theOtherHeaderIsNotRead() {
    assertThat(
            LISTED.of(
                PROXY,
                name -> name.equals("Forwarded") ? List.of("for=9.9.9.9") : List.of("192.0.2.1")))
        .isEqualTo("192.0.2.1");
    assertThat(
            STANDARD.of(
                PROXY,
                name ->
                    name.equals("X-Forwarded-For") ? List.of("9.9.9.9") : List.of("for=192.0.2.1")))
        .isEqualTo("192.0.2.1");
  }

  @Test
  void theHeaderOfOthersIsNotEvenAskedFor() {
    assertThat(
            LISTED.of(
                "198.51.100.7",
                name -> {
                  throw new AssertionError(name);
                }))
        .isEqualTo("198.51.100.7");
    assertThat(
            ClientAddress.ofPeer()
                .of(
                    PROXY,
                    name -> {
                      throw new AssertionError(name);
                    }))
        .isEqualTo(PROXY);
  }

  @Test
  void thousandsOfElementsAreNotWalked() {
    String many = String.join(",", Collections.nCopies(10_000, "9.9.9.9"));
    assertThat(listed(PROXY, many + ",192.0.2.1")).isEqualTo("192.0.2.1");

    String proxies = String.join(",", Collections.nCopies(10_000, "10.0.0.9"));
    assertThat(listed(PROXY, "192.0.2.1," + proxies)).isEqualTo("10.0.0.9");
    assertThat(standard(PROXY, "for=192.0.2.1" + ",for=10.0.0.9".repeat(10_000)))
        .isEqualTo("10.0.0.9");

    List<String> lines = Collections.nCopies(10_000, "10.0.0.9");
    assertThat(LISTED.of(PROXY, name -> lines)).isEqualTo("10.0.0.9");
    assertThat(listed(PROXY, "192.0.2.1" + ", 10.0.0.9".repeat(31))).isEqualTo("192.0.2.1");
    assertThat(listed(PROXY, "192.0.2.1" + ", 10.0.0.9".repeat(32))).isEqualTo("10.0.0.9");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"", "\\", "\\\"", ",", ";", "=", "[", "%", ":"})
  void longRubbishIsRead(String rubbish) {
    assertThat(standard(PROXY, "for=9.9.9.9," + rubbish.repeat(10_000))).isEqualTo(PROXY);
    assertThat(listed(PROXY, "9.9.9.9," + rubbish.repeat(10_000))).isEqualTo(PROXY);
  }

  @Test
  void aPeerWithoutAnAddressIsOneClient() {
    assertThat(listed(null, "192.0.2.1")).isEqualTo("unknown");
    assertThat(listed(" ", "192.0.2.1")).isEqualTo("unknown");
    assertThat(listed("/run/http.sock", "192.0.2.1")).isEqualTo("/run/http.sock");
  }

  @Test
  void theSharedPrefixIsAChoice() {
    String peer = "2001:db8:1:203::7";
    assertThat(ClientAddress.ofPeer().of(peer, name -> List.of())).isEqualTo("2001:db8:1:203::/64");
    assertThat(ClientAddress.ofPeer().ipv6Prefix(56).of(peer, name -> List.of()))
        .isEqualTo("2001:db8:1:200::/56");
    assertThat(ClientAddress.ofPeer().ipv6Prefix(128).of(peer, name -> List.of()))
        .isEqualTo("2001:db8:1:203::7");
    assertThat(ClientAddress.ofPeer().ipv6Prefix(1).of("192.0.2.1", name -> List.of()))
        .isEqualTo("192.0.2.1");
  }

  /** Aggregation is for who is limited, not for who is believed. */
  @Test
  void aProxysNeighbourIsNoProxy() {
    ClientAddress one = ClientAddress.xForwardedFor("2001:db8::7");
    assertThat(one.of("2001:db8::8", name -> List.of("192.0.2.1"))).isEqualTo("2001:db8::/64");
    assertThat(one.of("2001:db8::7", name -> List.of("192.0.2.1"))).isEqualTo("192.0.2.1");
  }

  @Test
  void nonsenseIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClientAddress.xForwardedFor())
        .withMessageContaining("proxies must be one or more");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClientAddress.forwarded("proxy.example.org"))
        .withMessageContaining("was 'proxy.example.org'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ClientAddress.ofPeer().ipv6Prefix(0))
        .withMessage("ipv6Prefix must be 1 to 128, was 0");
    assertThatIllegalArgumentException().isThrownBy(() -> ClientAddress.ofPeer().ipv6Prefix(129));
  }

  @Test
  void saysWhatItBelieves() {
    assertThat(LISTED)
        .hasToString("ClientAddress[X-Forwarded-For of [10.0.0.0/8, fd00::/8, 203.0.113.80/32]]");
    assertThat(ClientAddress.ofPeer()).hasToString("ClientAddress[peer]");
  }
}
