package io.headroom.testkit.interleaving;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/** Numbers that somebody has given, or that a seed gives. For one thread. */
final class Choices {

  private final IntUnaryOperator source;
  private final List<Integer> made = new ArrayList<>();

  private Choices(IntUnaryOperator source) {
    this.source = source;
  }

  /** These, and zeros when they have ended. */
  static Choices of(List<Integer> given) {
    List<Integer> copy = List.copyOf(given);
    int[] next = {0};
    return new Choices(
        bound -> next[0] < copy.size() ? Math.floorMod(copy.get(next[0]++), bound) : 0);
  }

  static Choices ofSeed(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new Choices(random::nextInt);
  }

  /** From 0 to below a bound. */
  int next(int bound) {
    int choice = source.applyAsInt(bound);
    made.add(choice);
    return choice;
  }

  List<Integer> made() {
    return List.copyOf(made);
  }
}
