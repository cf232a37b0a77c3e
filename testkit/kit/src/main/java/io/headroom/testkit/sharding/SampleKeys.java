package io.headroom.testkit.sharding;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Where the keys of a law come from: keys as they occur, drawn from a seed, for any test engine.
 *
 * <pre>{@code
 * SampleKeys<TenantId> tenants = SampleKeys.sequentialIds().map(TenantId::new);
 * SampleKeys<Sku> skus = SampleKeys.of(random -> Sku.parse("sku-" + random.nextInt(1, 1_000_000)));
 * }</pre>
 *
 * <p>The same seed gives the same keys in every JVM. Immutable and thread-safe, as long as the
 * functions given to it are.
 *
 * @param <K> the type of the keys
 */
public final class SampleKeys<K> {

  private interface Draw<K> {
    K next(RandomGenerator random, long start, int index);
  }

  private final List<K> edgeCases;
  private final Draw<K> draw;

  private SampleKeys(List<K> edgeCases, Draw<K> draw) {
    this.edgeCases = List.copyOf(edgeCases);
    this.draw = draw;
  }

  /**
   * Keys of your own.
   *
   * @param next makes a key from random numbers, and from nothing else
   * @param <K> the type of the keys
   * @return keys without edge cases
   */
  public static <K> SampleKeys<K> of(Function<? super RandomGenerator, ? extends K> next) {
    Objects.requireNonNull(next, "next");
    return new SampleKeys<>(List.of(), (random, start, index) -> next.apply(random));
  }

  /**
   * Keys out of a list, for routers that know only those.
   *
   * @param keys the keys, at least one
   * @param <K> the type of the keys
   * @return keys of which each is one of these
   * @throws IllegalArgumentException if there is none
   */
  public static <K> SampleKeys<K> oneOf(Collection<? extends K> keys) {
    List<K> all = List.copyOf(keys);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("oneOf() needs at least one key; none is given");
    }
    return of(random -> all.get(random.nextInt(all.size())));
  }

  /**
   * Integers of every size, negative ones included.
   *
   * @return keys with the ends of the int and long ranges as edge cases
   */
  public static SampleKeys<Long> longs() {
    List<Long> edges =
        List.of(
            0L,
            1L,
            -1L,
            42L,
            (long) Integer.MAX_VALUE,
            (long) Integer.MIN_VALUE,
            1L << 32,
            Long.MAX_VALUE,
            Long.MIN_VALUE);
    return new SampleKeys<>(
        edges, (random, start, index) -> random.nextLong() >> random.nextInt(Long.SIZE));
  }

  /**
   * Ids from a sequence, one after the other, as {@code bigserial} gives them.
   *
   * @return ids that start anywhere up to a billion
   */
  public static SampleKeys<Long> sequentialIds() {
    return new SampleKeys<>(
        List.of(1L), (random, start, index) -> 1 + (start >>> 1) % 1_000_000_000 + index);
  }

  /**
   * Ids like Twitter's Snowflake: 41 bits of milliseconds, 10 of the worker, 12 of a sequence that
   * is nearly always 0, which is what ruins a routing by the low bits.
   *
   * @return ids in ascending order, some milliseconds apart
   */
  public static SampleKeys<Long> snowflakeIds() {
    return new SampleKeys<>(
        List.of(),
        (random, start, index) -> {
          long millis = (start >>> 24) + 7L * index + random.nextInt(7);
          return (millis << 22) | ((long) random.nextInt(4) << 12);
        });
  }

  /**
   * Random UUIDs (version 4).
   *
   * @return keys with the nil and the max UUID as edge cases
   */
  public static SampleKeys<UUID> uuids() {
    return new SampleKeys<>(
        List.of(new UUID(0, 0), new UUID(0, 1), new UUID(-1, -1)),
        (random, start, index) ->
            new UUID(
                (random.nextLong() & 0xFFFF_FFFF_FFFF_0FFFL) | 0x4000L,
                (random.nextLong() >>> 2) | Long.MIN_VALUE));
  }

  /**
   * UUIDs in the order of time (version 7, RFC 9562), alike in their first half.
   *
   * @return keys in ascending order
   */
  public static SampleKeys<UUID> timeOrderedUuids() {
    return new SampleKeys<>(
        List.of(),
        (random, start, index) ->
            new UUID(
                (((start >>> 24) + index) << 16) | 0x7000L | random.nextInt(1 << 12),
                (random.nextLong() >>> 2) | Long.MIN_VALUE));
  }

  /**
   * E-mail addresses of few providers: alike at their ends.
   *
   * @return keys such as {@code mia.jones417@example.org}
   */
  public static SampleKeys<String> emails() {
    return new SampleKeys<>(
        List.of("a@b.c", "O'Neil+tag@EXAMPLE.com"),
        (random, start, index) ->
            Words.pick(random, Words.FIRST_NAMES)
                + "."
                + Words.pick(random, Words.LAST_NAMES)
                + random.nextInt(10_000)
                + "@"
                + Words.pick(random, Words.PROVIDERS));
  }

  /**
   * Package names of few organisations: alike at their beginnings.
   *
   * @return keys such as {@code org.acme.billing.invoice17}
   */
  public static SampleKeys<String> packageNames() {
    return new SampleKeys<>(
        List.of("a", "java.lang"),
        (random, start, index) ->
            Words.pick(random, Words.ORGANISATIONS)
                + "."
                + Words.pick(random, Words.PARTS)
                + "."
                + Words.pick(random, Words.PARTS)
                + random.nextInt(10_000));
  }

  /**
   * Text beyond ASCII: accents, Greek, Cyrillic, Han, and characters beyond the basic plane.
   *
   * @return keys with the empty string, and composed and decomposed accents, as edge cases
   */
  public static SampleKeys<String> nonAsciiTexts() {
    return new SampleKeys<>(
        List.of("", " ", "\u00e9", "e\u0301", "\ud83d\ude80", "\uffff", "x\u00df"),
        (random, start, index) -> Words.nonAscii(random));
  }

  /**
   * Keys of another type, made from these.
   *
   * @param change makes one of the new keys out of one of these
   * @param <R> the new type
   * @return keys and edge cases, all changed
   */
  public <R> SampleKeys<R> map(Function<? super K, ? extends R> change) {
    List<R> changed = new ArrayList<>();
    edgeCases.forEach(key -> changed.add(change.apply(key)));
    return new SampleKeys<>(
        changed, (random, start, index) -> change.apply(draw.next(random, start, index)));
  }

  /**
   * The same keys, with other edge cases.
   *
   * @param keys what is worth a try every time
   * @return keys with these edge cases alone
   */
  public SampleKeys<K> withEdgeCases(Collection<? extends K> keys) {
    return new SampleKeys<>(List.copyOf(keys), draw);
  }

  /**
   * What is worth a try every time.
   *
   * @return the edge cases, unmodifiable, possibly none
   */
  public List<K> edgeCases() {
    return edgeCases;
  }

  /**
   * Draws keys, without the edge cases.
   *
   * @param seed what the keys depend on, alone
   * @param count how many
   * @return the keys, some possibly equal
   */
  public List<K> draw(long seed, int count) {
    // Random's generator is specified to the bit, so that a seed means the same in every JVM.
    Random random = new Random(seed);
    long start = random.nextLong();
    List<K> keys = new ArrayList<>(count);
    for (int index = 0; index < count; index++) {
      keys.add(draw.next(random, start, index));
    }
    return keys;
  }

  /**
   * Draws keys and adds the edge cases.
   *
   * @param seed what the keys depend on, alone
   * @param count how many are drawn
   * @return the distinct keys, edge cases first
   */
  public Set<K> drawWithEdgeCases(long seed, int count) {
    Set<K> keys = new LinkedHashSet<>(edgeCases);
    keys.addAll(draw(seed, count));
    return keys;
  }
}
