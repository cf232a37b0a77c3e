package io.headroom;

import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a caller has seen at least, as one position per domain: a database cluster is a domain (its
 * timeline and LSN), a cache partition is one (its epoch and sequence).
 *
 * <pre>{@code
 * ConsistencyToken seen = ConsistencyToken.of("orders", 1, 0x3000060L);
 * seen = seen.merge(ConsistencyToken.of("orders", 1, 0x3000148L));
 * String cookie = seen.toString();                    // EAZvcmRlcnMByIKAGA
 * ConsistencyToken.parse(cookie).position("orders");  // Position[incarnation=1, position=50331976]
 * }</pre>
 *
 * <p>Tokens form a join semilattice: {@link #merge} is commutative, associative and idempotent, so
 * that they may be merged in any order, any number of times. They are bounded: at most {@value
 * #MAX_DOMAINS} domains, and those with the smallest names stay. A domain that had to go leaves
 * {@link #primaryForUnknown} behind, which tells readers to take no chance with a domain that the
 * token doesn't know.
 *
 * <p>A token is a claim, not a proof. One that leaves the service goes through a {@link
 * TokenSigner}, or anyone can write one that sends every read to the primary.
 *
 * <p>Immutable and thread-safe.
 */
public final class ConsistencyToken {

  /** How many domains a token holds at most: {@value}. */
  public static final int MAX_DOMAINS = 32;

  /** How long a domain's name is at most, in bytes of UTF-8: {@value}. */
  public static final int MAX_DOMAIN_BYTES = 64;

  /** The token of a caller that has seen nothing: any copy will do. */
  public static final ConsistencyToken NONE =
      new ConsistencyToken(Collections.emptySortedMap(), false);

  private final SortedMap<String, Position> positions;
  private final boolean primaryForUnknown;

  private ConsistencyToken(SortedMap<String, Position> positions, boolean primaryForUnknown) {
    this.positions = Collections.unmodifiableSortedMap(positions);
    this.primaryForUnknown = primaryForUnknown;
  }

  /**
   * A place in a domain's history: later incarnations come after all of the earlier ones.
   *
   * @param incarnation which history of the domain this is in (a timeline, an epoch), not negative;
   *     incarnations of one domain must grow
   * @param position where in that history (an LSN, a sequence), not negative
   */
  public record Position(long incarnation, long position) implements Comparable<Position> {

    /**
     * The position of what was written, and its place could not be asked: behind all others of its
     * incarnation. Only the origin will do for its holder, who learns there what to put in its
     * place ({@link RequestContext#correct}).
     */
    public static final long UNKNOWN = Long.MAX_VALUE;

    /**
     * Creates a position.
     *
     * @param incarnation which history of the domain
     * @param position where in that history
     * @throws IllegalArgumentException if either number is negative
     */
    public Position {
      requireNotNegative("incarnation", incarnation);
      requireNotNegative("position", position);
    }

    @Override
    public int compareTo(Position other) {
      int order = Long.compare(incarnation, other.incarnation);
      return order != 0 ? order : Long.compare(position, other.position);
    }

    private static void requireNotNegative(String name, long value) {
      if (value < 0) {
        throw new IllegalArgumentException(name + " must not be negative, was " + value);
      }
    }
  }

  /**
   * Returns the token of a caller that has seen one domain up to a position.
   *
   * @param domain the domain's name, 1 to {@value #MAX_DOMAIN_BYTES} bytes of UTF-8
   * @param incarnation which history of the domain, not negative
   * @param position where in that history, not negative
   * @return a token of one domain
   * @throws IllegalArgumentException if the name is empty, too long or has no UTF-8 form, or a
   *     number is negative
   */
  public static ConsistencyToken of(String domain, long incarnation, long position) {
    TokenCodec.requireDomain(domain);
    SortedMap<String, Position> one = new TreeMap<>();
    one.put(domain, new Position(incarnation, position));
    return new ConsistencyToken(one, false);
  }

  /**
   * Reads a token from the text that {@link #toString} wrote. Every token has exactly one text, and
   * anything else is refused.
   *
   * @param text an unsigned token's text; a signed one is opened by {@link TokenSigner#open}
   * @return the token
   * @throws InvalidTokenException if the text is not exactly that of a token; the message doesn't
   *     repeat the text
   */
  public static ConsistencyToken parse(String text) {
    return TokenCodec.decode(TokenCodec.fromText(text));
  }

  /** Makes a token of checked positions, no more than {@link #MAX_DOMAINS}, and keeps the map. */
  static ConsistencyToken ofChecked(
      SortedMap<String, Position> positions, boolean primaryForUnknown) {
    return positions.isEmpty() && !primaryForUnknown
        ? NONE
        : new ConsistencyToken(positions, primaryForUnknown);
  }

  /**
   * Returns what a caller has seen that saw both: of each domain the later position. Commutative,
   * associative and idempotent; {@link #NONE} changes nothing.
   *
   * @param other the other token
   * @return the merged token, this one or the other where that is the same
   */
  public ConsistencyToken merge(ConsistencyToken other) {
    if (other.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return other;
    }
    SortedMap<String, Position> merged = new TreeMap<>(positions);
    for (Map.Entry<String, Position> theirs : other.positions.entrySet()) {
      Position ours = merged.get(theirs.getKey());
      if (ours == null || ours.compareTo(theirs.getValue()) < 0) {
        merged.put(theirs.getKey(), theirs.getValue());
      }
    }
    boolean unknown = primaryForUnknown || other.primaryForUnknown;
    // The smallest names of a union are the same however it was put together: that, not age or
    // use, keeps merge associative when something has to go.
    while (merged.size() > MAX_DOMAINS) {
      merged.remove(merged.lastKey());
      unknown = true;
    }
    return unknown == primaryForUnknown && merged.equals(positions)
        ? this
        : new ConsistencyToken(merged, unknown);
  }

  /** With another position of a domain in the place of this one, if it has this one. */
  ConsistencyToken correct(String domain, Position before, Position now) {
    if (!before.equals(positions.get(domain))) {
      return merge(of(domain, now.incarnation(), now.position()));
    }
    SortedMap<String, Position> corrected = new TreeMap<>(positions);
    corrected.put(domain, now);
    return new ConsistencyToken(corrected, primaryForUnknown);
  }

  /**
   * Looks a domain up.
   *
   * @param domain the domain's name
   * @return what was seen of it; empty if nothing was, or if it is not known what ({@link
   *     #primaryForUnknown})
   */
  public Optional<Position> position(String domain) {
    return Optional.ofNullable(positions.get(domain));
  }

  /**
   * Lists the domains that this token knows.
   *
   * @return their names, sorted, not modifiable
   */
  public Set<String> domains() {
    return positions.keySet();
  }

  /**
   * Tells whether domains were dropped because the token was full: a reader of a domain that it
   * doesn't know must then ask the primary.
   *
   * @return true if an empty {@link #position} doesn't mean "nothing seen"
   */
  public boolean primaryForUnknown() {
    return primaryForUnknown;
  }

  /**
   * Tells whether this is {@link #NONE}: nothing seen, any copy will do.
   *
   * @return true if the token asks for nothing
   */
  public boolean isEmpty() {
    return positions.isEmpty() && !primaryForUnknown;
  }

  SortedMap<String, Position> positions() {
    return positions;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ConsistencyToken token
        && primaryForUnknown == token.primaryForUnknown
        && positions.equals(token.positions);
  }

  @Override
  public int hashCode() {
    return Objects.hash(positions, primaryForUnknown);
  }

  /**
   * Writes the token as a short URL-safe text (A–Z, a–z, 0–9, {@code -} and {@code _}), at most
   * 3,543 characters, for a cookie or a header: base64url of a version and varints.
   *
   * @return the text that {@link #parse} reads; equal tokens have equal texts
   */
  @Override
  public String toString() {
    return TokenCodec.toText(TokenCodec.encode(this));
  }
}
