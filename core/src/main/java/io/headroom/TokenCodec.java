package io.headroom;

import io.headroom.ConsistencyToken.Position;
import io.headroom.InvalidTokenException.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The binary and the text form of a token. Strict both ways: a token has one form, and every other
 * text is refused, so that no two texts mean the same and nothing rides along.
 *
 * <pre>
 * token  = header *domain
 * header = 0x10 | flags           version 1; flag 1: primary for unknown domains
 * domain = length name incarnation position
 * </pre>
 *
 * Domains ascend by name ({@link String#compareTo}); length, incarnation and position are varints
 * of seven bits, low first, without padding.
 */
final class TokenCodec {

  private static final int VERSION = 0x10;
  private static final int VERSION_MASK = 0xF0;
  private static final int PRIMARY_FOR_UNKNOWN = 1;

  /** A varint of 63 bits. */
  private static final int MAX_VARINT_BYTES = 9;

  static final int MAX_BYTES =
      1
          + ConsistencyToken.MAX_DOMAINS
              * (1 + ConsistencyToken.MAX_DOMAIN_BYTES + 2 * MAX_VARINT_BYTES);

  /** What a sealed token has before the token itself; see {@link TokenSigner}. */
  static final int SEAL_BYTES = 18;

  private static final int MAX_TEXT = ((MAX_BYTES + SEAL_BYTES) * 4 + 2) / 3;

  private static final Base64.Encoder TO_TEXT = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder FROM_TEXT = Base64.getUrlDecoder();

  private TokenCodec() {}

  static void requireDomain(String domain) {
    int lone = WellFormed.indexOfLoneSurrogate(domain);
    if (lone >= 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "domain has a lone surrogate at index %d, so it has no UTF-8 form",
              lone));
    }
    int bytes = domain.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > ConsistencyToken.MAX_DOMAIN_BYTES) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "domain '%s' has %d bytes in UTF-8, allowed are 1 to %d: give it a shorter name",
              domain,
              bytes,
              ConsistencyToken.MAX_DOMAIN_BYTES));
    }
  }

  static String toText(byte[] bytes) {
    return TO_TEXT.encodeToString(bytes);
  }

  static byte[] fromText(String text) {
    if (text.length() > MAX_TEXT) {
      throw new InvalidTokenException(
          Reason.TOO_LONG,
          String.format(
              Locale.ROOT,
              "the token has %d characters, the longest has %d: it was not issued here",
              text.length(),
              MAX_TEXT));
    }
    byte[] bytes;
    try {
      bytes = FROM_TEXT.decode(text);
    } catch (IllegalArgumentException e) {
      throw malformed("it is not base64url");
    }
    // The decoder takes padding and ignores the last character's spare bits.
    if (!toText(bytes).equals(text)) {
      throw malformed("it is not base64url in its shortest form");
    }
    return bytes;
  }

  static byte[] encode(ConsistencyToken token) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(64);
    out.write(VERSION | (token.primaryForUnknown() ? PRIMARY_FOR_UNKNOWN : 0));
    for (Map.Entry<String, Position> entry : token.positions().entrySet()) {
      byte[] name = entry.getKey().getBytes(StandardCharsets.UTF_8);
      out.write(name.length);
      out.writeBytes(name);
      writeVarint(out, entry.getValue().incarnation());
      writeVarint(out, entry.getValue().position());
    }
    return out.toByteArray();
  }

  static ConsistencyToken decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (!in.hasRemaining()) {
      throw malformed("it is empty");
    }
    int header = in.get() & 0xFF;
    if (header == TokenSigner.FORMAT) {
      throw new InvalidTokenException(
          Reason.UNKNOWN_VERSION, "the token is sealed: open it with the TokenSigner");
    }
    if ((header & VERSION_MASK) != VERSION) {
      throw new InvalidTokenException(
          Reason.UNKNOWN_VERSION,
          String.format(
              Locale.ROOT,
              "the token has format 0x%02x, known is 0x%02x: it is damaged or from a newer version",
              header,
              VERSION));
    }
    int flags = header & ~VERSION_MASK;
    if ((flags & ~PRIMARY_FOR_UNKNOWN) != 0) {
      throw malformed("it has unknown flags");
    }
    return ConsistencyToken.ofChecked(decodeDomains(in), flags == PRIMARY_FOR_UNKNOWN);
  }

  private static SortedMap<String, Position> decodeDomains(ByteBuffer in) {
    SortedMap<String, Position> positions = new TreeMap<>();
    while (in.hasRemaining()) {
      if (positions.size() == ConsistencyToken.MAX_DOMAINS) {
        throw malformed("it has more than " + ConsistencyToken.MAX_DOMAINS + " domains");
      }
      String domain = readName(in);
      if (!positions.isEmpty() && domain.compareTo(positions.lastKey()) <= 0) {
        throw malformed("its domains are not in ascending order");
      }
      positions.put(domain, new Position(readVarint(in), readVarint(in)));
    }
    return positions;
  }

  private static String readName(ByteBuffer in) {
    int length = in.get();
    if (length < 1 || length > ConsistencyToken.MAX_DOMAIN_BYTES) {
      throw malformed("a domain's name has a length outside 1 to 64");
    }
    if (length > in.remaining()) {
      throw malformed("it ends within a domain's name");
    }
    ByteBuffer name = in.slice(in.position(), length);
    in.position(in.position() + length);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(name).toString();
    } catch (CharacterCodingException e) {
      throw malformed("a domain's name is not UTF-8");
    }
  }

  private static void writeVarint(ByteArrayOutputStream out, long value) {
    long left = value;
    while (left > 0x7F) {
      out.write((int) (left & 0x7F) | 0x80);
      left >>>= 7;
    }
    out.write((int) left);
  }

  private static long readVarint(ByteBuffer in) {
    long value = 0;
    for (int i = 0; i < MAX_VARINT_BYTES; i++) {
      if (!in.hasRemaining()) {
        throw malformed("it ends within a number");
      }
      int next = in.get();
      value |= (long) (next & 0x7F) << (7 * i);
      if (next >= 0) {
        if (next == 0 && i > 0) {
          throw malformed("a number is not in its shortest form");
        }
        return value;
      }
    }
    throw malformed("a number has more than 63 bits");
  }

  static InvalidTokenException malformed(String why) {
    return new InvalidTokenException(Reason.MALFORMED, "the token is malformed: " + why);
  }
}
