package io.headroom.testkit.sharding;

/**
 * Makes the same subject in every JVM, so that two of them can be compared.
 *
 * <p>An implementation has a constructor without parameters, of any visibility. The test classes of
 * this package are implementations.
 *
 * @param <K> the type of the keys
 */
public interface RouterSubjectSource<K> {

  /**
   * The router to be held to the laws.
   *
   * @return a subject, always an equivalent one
   */
  RouterSubject<K> subject();
}
