package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headroom.InvalidTokenException.Reason;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class TokenSignerTest {

  private static final ConsistencyToken TOKEN = ConsistencyToken.of("orders", 1, 500);

  private final TokenSigner signer = TokenSigner.builder().signingKey(1, key(1)).build();

  @Test
  void sealsAsDocumented() throws GeneralSecurityException {
    byte[] body = Base64.getUrlDecoder().decode(TOKEN.toString());
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key(1), "HmacSHA256"));
    mac.update(new byte[] {(byte) 0x81, 1});
    byte[] tag = Arrays.copyOf(mac.doFinal(body), 16);
    ByteBuffer sealed = ByteBuffer.allocate(18 + body.length).put((byte) 0x81).put((byte) 1);

    assertThat(signer.seal(TOKEN))
        .isEqualTo(
            Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(sealed.put(tag).put(body).array()));
  }

  @Test
  void opensWhatOlderKeysSealedUntilTheyAreDropped() {
    String old = signer.seal(TOKEN);
    TokenSigner rotated =
        TokenSigner.builder().signingKey(2, key(2)).acceptedKey(1, key(1)).build();
    TokenSigner later = TokenSigner.builder().signingKey(2, key(2)).build();

    assertThat(rotated.open(old)).isEqualTo(TOKEN);
    assertThat(later.open(rotated.seal(TOKEN))).isEqualTo(TOKEN);
    assertThat(reason(later, old)).isEqualTo(Reason.UNKNOWN_KEY);
  }

  @Test
  void tellsWhatIsWrong() {
    String sealed = signer.seal(TOKEN);
    TokenSigner sameId = TokenSigner.builder().signingKey(1, key(9)).build();

    assertThat(reason(signer, sameId.seal(TOKEN))).isEqualTo(Reason.FORGED);
    assertThat(reason(signer, TOKEN.toString())).isEqualTo(Reason.UNSIGNED);
    assertThat(reason(signer, "")).isEqualTo(Reason.MALFORMED);
    assertThat(reason(signer, "not a token")).isEqualTo(Reason.MALFORMED);
    assertThat(reason(signer, sealed.substring(0, 24))).isEqualTo(Reason.MALFORMED);
    assertThat(reason(signer, sealed + "A".repeat(4000))).isEqualTo(Reason.TOO_LONG);
  }

  @Test
  void aKeyIdCanNotBeRelabelled() {
    TokenSigner both = TokenSigner.builder().signingKey(1, key(1)).acceptedKey(2, key(1)).build();
    byte[] sealed = Base64.getUrlDecoder().decode(signer.seal(TOKEN));
    sealed[1] = 2;

    assertThat(reason(both, Base64.getUrlEncoder().withoutPadding().encodeToString(sealed)))
        .isEqualTo(Reason.FORGED);
  }

  @Test
  void nothingIsNoToken() {
    assertThat(signer.openOrNone(null)).isSameAs(ConsistencyToken.NONE);
    assertThat(signer.openOrNone("")).isSameAs(ConsistencyToken.NONE);
  }

  @Test
  void repeatsNeitherTheTextNorAKey() {
    String foreign = TokenSigner.builder().signingKey(1, key(9)).build().seal(TOKEN);
    InvalidTokenException refused =
        catchThrowableOfType(InvalidTokenException.class, () -> signer.open(foreign));

    assertThat(refused).hasMessageNotContaining(foreign);
    assertThat(signer).hasToString("TokenSigner[signing 1, accepting [1]]");
  }

  @Test
  void keepsItsOwnCopyOfAKey() {
    byte[] key = key(3);
    TokenSigner copying = TokenSigner.builder().signingKey(3, key).build();
    String before = copying.seal(TOKEN);
    Arrays.fill(key, (byte) 0);

    assertThat(copying.seal(TOKEN)).isEqualTo(before);
  }

  @Test
  void servesManyThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Callable<ConsistencyToken>> tasks =
          IntStream.range(0, 2000)
              .<Callable<ConsistencyToken>>mapToObj(
                  i -> () -> signer.open(signer.seal(ConsistencyToken.of("orders", 1, i))))
              .toList();
      List<Future<ConsistencyToken>> opened = threads.invokeAll(tasks);
      for (int i = 0; i < opened.size(); i++) {
        assertThat(opened.get(i).get()).isEqualTo(ConsistencyToken.of("orders", 1, i));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void refusesBadKeys() {
    TokenSigner.Builder builder = TokenSigner.builder().signingKey(1, key(1));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.acceptedKey(2, new byte[15]))
        .withMessageContaining("key 2 has 15 bytes, at least 16");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.acceptedKey(256, key(1)))
        .withMessageContaining("0 to 255, was 256");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.acceptedKey(-1, key(1)))
        .withMessageContaining("was -1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.acceptedKey(1, key(1)))
        .withMessageContaining("key id 1 was given twice");
    assertThatIllegalStateException()
        .isThrownBy(() -> builder.signingKey(2, key(2)))
        .withMessageContaining("signingKey was set before");
    assertThatIllegalStateException()
        .isThrownBy(() -> TokenSigner.builder().acceptedKey(1, key(1)).build())
        .withMessageContaining("signingKey is not set");
  }

  private static Reason reason(TokenSigner signer, String text) {
    return catchThrowableOfType(InvalidTokenException.class, () -> signer.open(text)).reason();
  }

  private static byte[] key(int number) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) number);
    return key;
  }
}
