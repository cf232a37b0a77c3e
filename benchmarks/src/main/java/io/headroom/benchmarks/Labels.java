package io.headroom.benchmarks;

/** The contenders' names in the tables. */
final class Labels {
  static final String HEADROOM = "**Headroom**";
  static final String HEADROOM_ORDINAL = "**Headroom**, ordinal";
  static final String HEADROOM_SHARD = "**Headroom**, shard object";
  static final String GUAVA = "Guava consistentHash";
  static final String GUAVA_MURMUR3 = "Guava murmur3 + consistentHash";
  static final String JUMP_BACK = "hash4j JumpBackHash";
  static final String XXH3 = "hash4j XXH3 + JumpBackHash";
  static final String RING = "TreeMap ring";
  static final String BUILD = "build";
  static final String FRESH = "router and map, fresh";
  static final String RESOLVED = "router and map, every shard looked up";
  static final String ID_READ = "router and map, every shard's id read";
  static final String PLAN = "**Headroom**";
  static final String FEWEST = "fewest possible";
  static final String ROUND_ROBIN = "round-robin";
  static final String RANDOM = "random";
  static final String POOL = "the primary's pool, by hand";
  static final String NO_CONTEXT = "**Headroom**, no request context";
  static final String NOT_EXPORTED = "**Headroom**, in a context";
  static final String EXPORTED = "**Headroom**, in a context, token exported";

  private Labels() {}
}
