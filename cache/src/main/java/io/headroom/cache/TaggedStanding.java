package io.headroom.cache;

import java.util.List;

/** That of one entry with tags: it goes with the first of them that is invalidated. Thread-safe. */
final class TaggedStanding extends Standing {

  private final Standing standing;
  private final List<String> tags;
  private final LocalTags invalidated;
  private final long since;

  /**
   * Creates it.
   *
   * @param standing what it stands on beside its tags
   * @param tags its tags, at least one
   * @param since the {@linkplain LocalTags#now time} before it was read
   */
  TaggedStanding(Standing standing, List<String> tags, LocalTags invalidated, long since) {
    super(standing.partition(), standing.longestNanos(), 0);
    this.standing = standing;
    this.tags = tags;
    this.invalidated = invalidated;
    this.since = since;
  }

  @Override
  long trustedNanos(long nowNanos) {
    return isOutdated() ? -Nanos.MOST : standing.trustedNanos(nowNanos);
  }

  @Override
  boolean isGone() {
    return standing.isGone() || isOutdated();
  }

  private boolean isOutdated() {
    return invalidated.isOutdated(tags, since);
  }
}
