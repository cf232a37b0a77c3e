package io.headroom;

import io.headroom.InvalidTokenException.Reason;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals consistency tokens that leave the service, in a cookie or a header, and opens those that
 * come back.
 *
 * <pre>{@code
 * TokenSigner signer =
 *     TokenSigner.builder().signingKey(2, newSecret).acceptedKey(1, oldSecret).build();
 * String cookie = signer.seal(token);
 * ConsistencyToken seen = signer.openOrNone(cookie);  // NONE if forged, cut, foreign or absent
 * }</pre>
 *
 * <p>A seal is HMAC-SHA256 (RFC 2104, FIPS 180-4) truncated to its first 128 bits, over the format,
 * the key's id and the token; it is compared in constant time. To rotate, first give the new key to
 * every instance as an accepted one, then sign with it and accept the old one, then drop the old
 * one when its cookies have expired.
 *
 * <p>A seal says that this service issued the token. It does not hide the token's content, name its
 * bearer or expire: whoever holds a sealed token can present it, and gains no more than reads that
 * are at least as fresh.
 *
 * <p>Immutable and thread-safe.
 */
public final class TokenSigner {

  /** How long a key is at least, in bytes: {@value}. 32 random bytes are a good choice. */
  public static final int MIN_KEY_BYTES = 16;

  /** A sealed token's first byte; then the key's id, the seal and the token. */
  static final int FORMAT = 0x81;

  private static final Logger LOG = LoggerFactory.getLogger(TokenSigner.class);
  private static final String ALGORITHM = "HmacSHA256";
  private static final int TAG_BYTES = 16;
  private static final int MAX_KEY_ID = 255;

  private final int signingKeyId;
  private final Map<Integer, SecretKeySpec> keys;

  private TokenSigner(int signingKeyId, Map<Integer, SecretKeySpec> keys) {
    this.signingKeyId = signingKeyId;
    this.keys = Map.copyOf(keys);
  }

  /**
   * Starts a signer.
   *
   * @return a builder that needs a signing key
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Seals a token with the signing key.
   *
   * @param token any token
   * @return its sealed text, URL-safe, at most 3,567 characters
   */
  public String seal(ConsistencyToken token) {
    byte[] body = TokenCodec.encode(token);
    byte[] sealed = new byte[TokenCodec.SEAL_BYTES + body.length];
    sealed[0] = (byte) FORMAT;
    sealed[1] = (byte) signingKeyId;
    System.arraycopy(tag(signingKeyId, body), 0, sealed, 2, TAG_BYTES);
    System.arraycopy(body, 0, sealed, TokenCodec.SEAL_BYTES, body.length);
    return TokenCodec.toText(sealed);
  }

  /**
   * Opens a sealed token.
   *
   * @param text what {@link #seal} returned, here or in another instance with the same key
   * @return the token
   * @throws InvalidTokenException if the text is anything else; its reason says why, its message
   *     repeats neither text nor key
   */
  public ConsistencyToken open(String text) {
    byte[] sealed = TokenCodec.fromText(text);
    if (sealed.length == 0) {
      throw TokenCodec.malformed("it is empty");
    }
    if ((sealed[0] & 0xFF) != FORMAT) {
      throw new InvalidTokenException(
          Reason.UNSIGNED, "the token carries no seal that this version knows: it was not sealed");
    }
    if (sealed.length <= TokenCodec.SEAL_BYTES) {
      throw TokenCodec.malformed("it ends within its seal");
    }
    int keyId = sealed[1] & 0xFF;
    if (!keys.containsKey(keyId)) {
      throw new InvalidTokenException(
          Reason.UNKNOWN_KEY,
          String.format(
              Locale.ROOT,
              "the token names key %d, accepted are %s: its key was retired, or another service"
                  + " sealed it",
              keyId,
              new TreeMap<>(keys).keySet()));
    }
    byte[] tag = Arrays.copyOfRange(sealed, 2, TokenCodec.SEAL_BYTES);
    byte[] body = Arrays.copyOfRange(sealed, TokenCodec.SEAL_BYTES, sealed.length);
    if (!MessageDigest.isEqual(tag, tag(keyId, body))) {
      throw new InvalidTokenException(
          Reason.FORGED,
          String.format(
              Locale.ROOT,
              "the token's seal doesn't fit under key %d: it was changed, or sealed with another"
                  + " key",
              keyId));
    }
    return TokenCodec.decode(body);
  }

  /**
   * Opens a sealed token that came from outside, where anything but a sealed token means "no
   * token". What is refused is logged at debug only, so that hostile input can't flood a log.
   *
   * @param text a header's or a cookie's value, null if there was none
   * @return the token; {@link ConsistencyToken#NONE} if there was none or it was refused
   */
  public ConsistencyToken openOrNone(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return ConsistencyToken.NONE;
    }
    try {
      return open(text);
    } catch (InvalidTokenException e) {
      LOG.debug("Refused a consistency token, going on without one: {}", e.getMessage());
      return ConsistencyToken.NONE;
    }
  }

  /**
   * Names the keys by their ids, never by their bytes.
   *
   * @return for example {@code TokenSigner[signing 2, accepting [1, 2]]}
   */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "TokenSigner[signing %d, accepting %s]",
        signingKeyId,
        new TreeMap<>(keys).keySet());
  }

  private byte[] tag(int keyId, byte[] body) {
    try {
      // One Mac a call: cheap beside a request, and nothing is shared between threads.
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(keys.get(keyId));
      mac.update((byte) FORMAT);
      mac.update((byte) keyId);
      return Arrays.copyOf(mac.doFinal(body), TAG_BYTES);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          ALGORITHM + " is required of every Java platform but isn't available here", e);
    }
  }

  /** Collects a signer's keys. Not thread-safe. */
  public static final class Builder {

    private final Map<Integer, SecretKeySpec> keys = new TreeMap<>();
    private @Nullable Integer signingKeyId;

    private Builder() {}

    /**
     * Sets the key to seal with, which is accepted too.
     *
     * @param id 0 to 255, stands in the sealed text; never used again for another key
     * @param key at least {@value #MIN_KEY_BYTES} bytes from a secure random source; copied
     * @return this builder
     * @throws IllegalArgumentException if the id is out of range or taken, or the key is too short
     * @throws IllegalStateException if a signing key was set before
     */
    public Builder signingKey(int id, byte[] key) {
      if (signingKeyId != null) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "signingKey was set before, to key %d: set one, accept the others",
                signingKeyId));
      }
      acceptedKey(id, key);
      signingKeyId = id;
      return this;
    }

    /**
     * Adds a key whose seals are accepted.
     *
     * @param id 0 to 255, the one it sealed under
     * @param key at least {@value #MIN_KEY_BYTES} bytes; copied
     * @return this builder
     * @throws IllegalArgumentException if the id is out of range or taken, or the key is too short
     */
    public Builder acceptedKey(int id, byte[] key) {
      if (id < 0 || id > MAX_KEY_ID) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "key id must be 0 to %d, was %d", MAX_KEY_ID, id));
      }
      if (key.length < MIN_KEY_BYTES) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "key %d has %d bytes, at least %d are required: use 32 from a secure random source",
                id,
                key.length,
                MIN_KEY_BYTES));
      }
      if (keys.putIfAbsent(id, new SecretKeySpec(key, ALGORITHM)) != null) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "key id %d was given twice", id));
      }
      return this;
    }

    /**
     * Builds the signer.
     *
     * @return a signer of these keys
     * @throws IllegalStateException if there is no signing key
     */
    public TokenSigner build() {
      if (signingKeyId == null) {
        throw new IllegalStateException("signingKey is not set: a signer needs a key to seal with");
      }
      return new TokenSigner(signingKeyId, keys);
    }
  }
}
