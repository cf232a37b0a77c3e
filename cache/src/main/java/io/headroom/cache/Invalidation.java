package io.headroom.cache;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;

/**
 * One invalidation in the shared tier, as its log and the bus tell it.
 *
 * @param at its number, in its epoch
 * @param identity a number of chance, which tells it from another one with its number
 * @param sender who did it, a number of chance
 * @param kind what it is about
 * @param seen what loads are to see at least; {@link SharedRead#WRITER_UNKNOWN} if nobody knows
 * @param subject the key's text or its digest, the tag, or nothing
 */
record Invalidation(
    Position at, long identity, long sender, Kind kind, ConsistencyToken seen, String subject) {

  /** Whether it is the first one of a new epoch. */
  boolean beginsAnew() {
    return kind == Kind.EPOCH || kind == Kind.ALL;
  }

  /** What an invalidation is about. */
  enum Kind {
    /** A key, whose text is the subject. */
    KEY('K'),
    /** A key whose text is so long that the subject is its digest. */
    LONG_KEY('L'),
    /** All keys with a tag. */
    TAG('T'),
    /** All numbers begin anew; values from before are stale. */
    EPOCH('E'),
    /** All keys: the same, and values from before are gone. */
    ALL('C');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }

    /** What stands for it in the shared tier. */
    char letter() {
      return letter;
    }

    static Kind of(char letter) {
      for (Kind kind : values()) {
        if (kind.letter == letter) {
          return kind;
        }
      }
      throw new IllegalArgumentException("an invalidation of an unknown kind, '" + letter + "'");
    }
  }
}
