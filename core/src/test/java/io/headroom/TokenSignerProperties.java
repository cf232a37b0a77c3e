package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class TokenSignerProperties {

  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private final TokenSigner signer =
      TokenSigner.builder().signingKey(7, key("the key of these tests")).build();

  @Provide
  Arbitrary<ConsistencyToken> tokens() {
    return Tokens.withAnyNames();
  }

  @Property
  void whatWasSealedOpens(@ForAll("tokens") ConsistencyToken token) {
    String sealed = signer.seal(token);

    assertThat(sealed).matches("[A-Za-z0-9_-]{26,3567}");
    assertThat(signer.open(sealed)).isEqualTo(token);
    assertThat(signer.openOrNone(sealed)).isEqualTo(token);
  }

  @Property(tries = 50)
  void everyFlippedBitIsRefused(@ForAll("tokens") ConsistencyToken token) {
    String sealed = signer.seal(token);
    for (int at = 0; at < sealed.length(); at++) {
      for (int bit = 0; bit < 6; bit++) {
        char flipped = ALPHABET.charAt(ALPHABET.indexOf(sealed.charAt(at)) ^ (1 << bit));
        assertRefused(sealed.substring(0, at) + flipped + sealed.substring(at + 1));
      }
      char flipped = (char) (sealed.charAt(at) ^ (1 << (at % 16)));
      assertRefused(sealed.substring(0, at) + flipped + sealed.substring(at + 1));
    }
  }

  @Property(tries = 100)
  void everyCutIsRefused(@ForAll("tokens") ConsistencyToken token) {
    String sealed = signer.seal(token);
    for (int at = 0; at < sealed.length(); at++) {
      assertRefused(sealed.substring(0, at));
      if (at > 0) {
        assertRefused(sealed.substring(at));
      }
    }
  }

  @Property
  void aForeignSealIsRefused(
      @ForAll("tokens") ConsistencyToken token, @ForAll @IntRange(max = 255) int id) {
    TokenSigner foreign =
        TokenSigner.builder().signingKey(id, key("the key of another service")).build();

    assertRefused(foreign.seal(token));
    assertRefused(token.toString());
  }

  @Property
  void anyTextIsRefused(@ForAll String text) {
    assertRefused(text);
  }

  private void assertRefused(String text) {
    assertThatExceptionOfType(InvalidTokenException.class).isThrownBy(() -> signer.open(text));
    assertThat(signer.openOrNone(text)).isSameAs(ConsistencyToken.NONE);
  }

  private static byte[] key(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
