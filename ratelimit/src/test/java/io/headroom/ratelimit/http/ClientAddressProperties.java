package io.headroom.ratelimit.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** The laws of the walk: what a client writes never changes who it is. */
class ClientAddressProperties {

  private static final ClientAddress LISTED = ClientAddress.xForwardedFor("10.0.0.0/8", "fd00::/8");
  private static final ClientAddress STANDARD = ClientAddress.forwarded("10.0.0.0/8", "fd00::/8");

  @Provide
  Arbitrary<String> proxies() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 255);
    return Arbitraries.oneOf(
        Combinators.combine(number, number, number).as((a, b, c) -> "10." + a + "." + b + "." + c),
        number.map(a -> "fd00::" + Integer.toHexString(a)));
  }

  @Provide
  Arbitrary<String> clients() {
    Arbitrary<Integer> number = Arbitraries.integers().between(0, 255);
    return Arbitraries.oneOf(
        number.map(a -> "192.0.2." + a),
        number.map(a -> "2001:db8:" + Integer.toHexString(a) + "::1"));
  }

  /** What a client may write into a header. */
  @Provide
  Arbitrary<String> lies() {
    Arbitrary<String> node =
        Arbitraries.oneOf(
            proxies(), clients(), Arbitraries.of("unknown", "_x", "", "\"", "\\\"", ";", "for=\""));
    Arbitrary<String> list =
        node.list()
            .ofMaxSize(6)
            .map(nodes -> String.join(", for=", nodes).replaceFirst("^", "for="));
    return Arbitraries.oneOf(
        list,
        node.list().ofMaxSize(6).map(nodes -> String.join(",", nodes)),
        Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(40));
  }

  /** The proxies on the way, from the client on; the last one is the peer. */
  private static List<String> elements(String client, List<String> proxies, boolean standard) {
    List<String> elements = new ArrayList<>();
    elements.add(client);
    elements.addAll(proxies.subList(0, proxies.size() - 1));
    return standard
        ? elements.stream().map(node -> "for=\"" + bracketed(node) + "\";proto=https").toList()
        : elements;
  }

  private static String bracketed(String node) {
    return node.indexOf(':') < 0 ? node : "[" + node + "]:443";
  }

  @Property
  void whateverAClientWritesItIsItself(
      @ForAll("clients") String client,
      @ForAll @Size(min = 1, max = 5) List<@From("proxies") String> proxies,
      @ForAll @Size(max = 3) List<@From("lies") String> lies,
      @ForAll boolean standard,
      @ForAll boolean ownLine) {
    String itself = ClientAddress.ofPeer().of(client, name -> List.of());
    String peer = proxies.get(proxies.size() - 1);
    List<String> lines = new ArrayList<>(lies);
    String truth = String.join(", ", elements(client, proxies, standard));
    if (ownLine || lines.isEmpty()) {
      lines.add(truth);
    } else {
      lines.add(lines.remove(lines.size() - 1) + ", " + truth);
    }

    assertThat((standard ? STANDARD : LISTED).of(peer, name -> lines)).isEqualTo(itself);
  }

  @Property
  void whoConnectsItselfIsItself(
      @ForAll("clients") String client, @ForAll @Size(max = 3) List<@From("lies") String> lies) {
    String itself = ClientAddress.ofPeer().of(client, name -> List.of());

    assertThat(LISTED.of(client, name -> lies)).isEqualTo(itself);
    assertThat(STANDARD.of(client, name -> lies)).isEqualTo(itself);
  }

  /** A proxy that does not tell whom it serves stands for all of them. */
  @Property
  void whereAProxyIsSilentTheWayEnds(
      @ForAll @Size(min = 1, max = 5) List<@From("proxies") String> proxies,
      @ForAll("lies") String lie,
      @ForAll @IntRange(max = 3) int how,
      @ForAll boolean standard) {
    String silence = List.of("unknown", "_gazonk", "", "999.1.1.1").get(how);
    String first = ClientAddress.ofPeer().of(proxies.get(0), name -> List.of());
    String peer = proxies.get(proxies.size() - 1);
    String header = lie + ", " + String.join(", ", elements(silence, proxies, standard));

    assertThat((standard ? STANDARD : LISTED).of(peer, name -> List.of(header))).isEqualTo(first);
  }

  /** How the list is cut into lines makes no difference. */
  @Property
  void linesAreOneList(
      @ForAll("clients") String client,
      @ForAll @Size(min = 2, max = 6) List<@From("proxies") String> proxies,
      @ForAll @IntRange(max = 63) int cuts,
      @ForAll boolean standard) {
    String peer = proxies.get(proxies.size() - 1);
    List<String> lines = new ArrayList<>();
    for (String element : elements(client, proxies, standard)) {
      boolean cut = lines.isEmpty() || (cuts >> lines.size() & 1) != 0;
      lines.add(cut ? element : lines.remove(lines.size() - 1) + "," + element);
    }

    assertThat((standard ? STANDARD : LISTED).of(peer, name -> lines))
        .isEqualTo(ClientAddress.ofPeer().of(client, name -> List.of()));
  }
}
