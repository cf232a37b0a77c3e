package io.headroom.spring.boot;

import io.headroom.HeadroomException;
import java.io.Serial;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/** Shards on which the start's migrations failed, beside those on which they did not. */
final class MigrationsFailedException extends HeadroomException {

  @Serial private static final long serialVersionUID = 1L;

  private final transient List<MigratedShard> failed;
  private final int migrated;

  /**
   * Names the shards that failed.
   *
   * @param all those that did not, too
   */
  MigrationsFailedException(Collection<MigratedShard> all) {
    super(
        all.stream()
            .filter(shard -> shard.failure() != null)
            .map(MigratedShard::toString)
            .collect(Collectors.joining("; ", "not all shards could be migrated: ", "")));
    this.failed = all.stream().filter(shard -> shard.failure() != null).toList();
    this.migrated = all.size() - failed.size();
    failed.forEach(
        shard -> {
          if (shard.failure() != null) {
            addSuppressed(shard.failure().cause());
          }
        });
  }

  /** Those that failed. */
  List<MigratedShard> failed() {
    return failed;
  }

  /** How many did not fail. */
  int migrated() {
    return migrated;
  }
}
