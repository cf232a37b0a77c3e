package io.headroom.benchmarks.limits;

/** A limit in Redis that many threads ask at once, as one contender does it. */
public interface SharedLimit extends AutoCloseable {

  /**
   * Takes one permit, waiting for nothing but the answer.
   *
   * @return whether there was one
   * @throws Exception if nobody could say
   */
  boolean tryAcquire() throws Exception;

  @Override
  void close();
}
