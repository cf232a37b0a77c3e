package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How maps refuse what makes no sense; for tests. */
final class Refusals {

  private Refusals() {}

  static void refused(Runnable step, String words) {
    assertThatThrownBy(step::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(words);
  }

  /** Of a builder whose options do not go together. */
  static void contradicts(Runnable step, String words) {
    assertThatThrownBy(step::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(words);
  }

  static void wrongState(Runnable step, String words) {
    assertThatThrownBy(step::run).isInstanceOf(ShardMapException.class).hasMessageContaining(words);
  }

  static void unknown(Runnable step, String id) {
    assertThatThrownBy(step::run)
        .isInstanceOf(UnknownShardException.class)
        .hasMessageContaining("shard '" + id + "' is not in the map")
        .satisfies(e -> assertThat(((UnknownShardException) e).shardId()).isEqualTo(id));
  }
}
