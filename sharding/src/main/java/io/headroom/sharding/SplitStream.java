package io.headroom.sharding;

import io.headroom.KeyHash;

/**
 * A reproducible stream of 64-bit numbers for a name, the same on every JVM. Not thread-safe.
 *
 * <p>Source: Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014
 * (SplitMix64); the finalizer is Stafford's mix 13.
 */
final class SplitStream {

  private final long gamma;
  private long state;

  /**
   * The stream of a name. Both its hash and a second, independent one over all its characters go
   * into the seed: two names of one KeyHash must not draw the same numbers, or one of them would
   * never win a slot.
   */
  SplitStream(String name) {
    long second = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      second = mix(second + name.charAt(i) + 1);
    }
    this.state = mix(KeyHash.of(name)) ^ second;
    this.gamma = mix(second ^ 0x9e3779b97f4a7c15L) | 1;
  }

  long next() {
    state += gamma;
    return mix(state);
  }

  static long mix(long number) {
    long z = (number ^ (number >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
