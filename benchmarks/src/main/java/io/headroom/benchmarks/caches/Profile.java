package io.headroom.benchmarks.caches;

/**
 * What is cached: some 200 bytes of JSON.
 *
 * @param id whose
 * @param revision how often the source had been revised when it was read
 * @param name of the person
 * @param email of the person
 * @param city of the person
 * @param language that the person reads
 * @param about what the person says
 */
public record Profile(
    long id, long revision, String name, String email, String city, String language, String about) {

  /**
   * The profile of an id.
   *
   * @param id whose
   * @param revision of the source
   * @return always the same for the same id and revision
   */
  public static Profile of(long id, long revision) {
    return new Profile(
        id,
        revision,
        "Ada Lovelace",
        "ada." + id + "@example.org",
        "London",
        "en-GB",
        "Wrote the first program, for a machine that was never built.");
  }
}
