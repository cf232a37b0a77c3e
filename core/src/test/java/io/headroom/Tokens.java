package io.headroom;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Generators of tokens; few names, so that tokens share domains, and enough to overflow. */
final class Tokens {

  private Tokens() {}

  static Arbitrary<ConsistencyToken> any() {
    return single().list().ofMaxSize(48).map(Tokens::merged);
  }

  /** With names of every kind and length. */
  static Arbitrary<ConsistencyToken> withAnyNames() {
    Arbitrary<String> names =
        Arbitraries.strings()
            .ofMinLength(1)
            .ofMaxLength(16)
            .filter(name -> WellFormed.indexOfLoneSurrogate(name) < 0);
    return Combinators.combine(names, numbers(), numbers())
        .as(ConsistencyToken::of)
        .list()
        .ofMaxSize(40)
        .map(Tokens::merged);
  }

  private static Arbitrary<ConsistencyToken> single() {
    Arbitrary<String> names = Arbitraries.integers().between(0, 47).map("shard-%02d"::formatted);
    Arbitrary<Long> few = Arbitraries.longs().between(0, 3);
    return Combinators.combine(names, few, numbers()).as(ConsistencyToken::of);
  }

  private static Arbitrary<Long> numbers() {
    return Arbitraries.longs().greaterOrEqual(0);
  }

  private static ConsistencyToken merged(Iterable<ConsistencyToken> tokens) {
    ConsistencyToken all = ConsistencyToken.NONE;
    for (ConsistencyToken token : tokens) {
      all = all.merge(token);
    }
    return all;
  }
}
