package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.headroom.ConsistencyToken.Position;
import java.util.Base64;
import java.util.TreeSet;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ConsistencyTokenProperties {

  @Provide
  Arbitrary<ConsistencyToken> tokens() {
    return Tokens.any();
  }

  @Provide
  Arbitrary<ConsistencyToken> named() {
    return Tokens.withAnyNames();
  }

  @Property
  void mergeIsCommutative(
      @ForAll("tokens") ConsistencyToken a, @ForAll("tokens") ConsistencyToken b) {
    assertThat(a.merge(b)).isEqualTo(b.merge(a)).hasSameHashCodeAs(b.merge(a));
  }

  @Property
  void mergeIsAssociative(
      @ForAll("tokens") ConsistencyToken a,
      @ForAll("tokens") ConsistencyToken b,
      @ForAll("tokens") ConsistencyToken c) {
    assertThat(a.merge(b).merge(c)).isEqualTo(a.merge(b.merge(c)));
  }

  @Property
  void mergeIsIdempotent(
      @ForAll("tokens") ConsistencyToken a, @ForAll("tokens") ConsistencyToken b) {
    assertThat(a.merge(a)).isSameAs(a);
    assertThat(a.merge(b).merge(b)).isEqualTo(a.merge(b));
    assertThat(a.merge(b).merge(a)).isEqualTo(a.merge(b));
  }

  @Property
  void noneChangesNothing(@ForAll("tokens") ConsistencyToken a) {
    assertThat(a.merge(ConsistencyToken.NONE)).isSameAs(a);
    assertThat(ConsistencyToken.NONE.merge(a)).isSameAs(a);
  }

  @Property
  void aMergePromisesWhatBothDid(
      @ForAll("tokens") ConsistencyToken a, @ForAll("tokens") ConsistencyToken b) {
    ConsistencyToken merged = a.merge(b);
    TreeSet<String> domains = new TreeSet<>(a.domains());
    domains.addAll(b.domains());

    for (String domain : domains) {
      Position later =
          java.util.stream.Stream.of(a, b)
              .flatMap(token -> token.position(domain).stream())
              .max(Position::compareTo)
              .orElseThrow();
      if (merged.position(domain).isPresent()) {
        assertThat(merged.position(domain)).contains(later);
      } else {
        assertThat(merged.primaryForUnknown()).isTrue();
      }
    }
    assertThat(merged.domains())
        .as("of too many, the smallest names")
        .containsExactlyElementsOf(domains.stream().limit(ConsistencyToken.MAX_DOMAINS).toList());
    assertThat(merged.primaryForUnknown())
        .isEqualTo(
            a.primaryForUnknown()
                || b.primaryForUnknown()
                || domains.size() > ConsistencyToken.MAX_DOMAINS);
  }

  @Property
  void theTextReadsBackAndIsUrlSafe(@ForAll("named") ConsistencyToken token) {
    String text = token.toString();

    assertThat(text).matches("[A-Za-z0-9_-]{2,3543}");
    assertThat(ConsistencyToken.parse(text)).isEqualTo(token);
  }

  @Property
  void onlyATokensOwnTextIsRead(@ForAll("tokens") ConsistencyToken token, @ForAll int at) {
    String text = token.toString();
    int cut = Math.floorMod(at, text.length());
    assertReadsBackOrRefuses(text.substring(0, cut));
    assertReadsBackOrRefuses(text.substring(cut));
    assertReadsBackOrRefuses(text + "A");
    assertReadsBackOrRefuses(text + text);
  }

  @Property
  void anyBytesAreRefusedOrAreATokensText(@ForAll byte[] bytes) {
    bytes = bytes.clone();
    if (bytes.length > 0) {
      bytes[0] = (byte) (0x10 | (bytes[0] & 1)); // or nearly all fail at the version
    }
    assertReadsBackOrRefuses(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
  }

  @Property
  void anyTextIsRefusedOrIsATokensText(@ForAll String text) {
    assertReadsBackOrRefuses(text);
  }

  /** No two texts mean one token, and nothing but the one exception comes out. */
  private static void assertReadsBackOrRefuses(String text) {
    ConsistencyToken token;
    try {
      token = ConsistencyToken.parse(text);
    } catch (InvalidTokenException refused) {
      assertThatExceptionOfType(InvalidTokenException.class)
          .isThrownBy(() -> ConsistencyToken.parse(text))
          .satisfies(again -> assertThat(again.reason()).isNotNull());
      return;
    }
    assertThat(token.toString()).isEqualTo(text);
  }
}
