package io.headroom.routing;

import io.headroom.ConsistencyToken;
import io.headroom.KeyHash;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Under which name a data source's positions stand in tokens: its own, and a hash of which database
 * its nodes are copies of.
 *
 * <p>A position means something in one cluster only. If the database was built anew, from a dump
 * say, timelines begin at 1 again; a cookie from before must not be read as news of a timeline 3,
 * on which nothing is. Thread-safe.
 */
final class TokenDomain {

  /** What {@link #name()} adds: the sign, and 64 bits to the base of 36. */
  private static final int ADDED = 1 + 13;

  private final String dataSource;
  private final Supplier<@Nullable String> cluster;
  private volatile Known known = new Known("", "");

  private record Known(String cluster, String name) {}

  /**
   * Of one data source.
   *
   * @param dataSource its name
   * @param cluster says which database it is about; null while no node has told
   */
  TokenDomain(String dataSource, Supplier<@Nullable String> cluster) {
    this.dataSource = dataSource;
    this.cluster = cluster;
  }

  /** Refuses a name that no token would take, while it can still be changed. */
  static String requireShort(String dataSource) {
    int bytes = dataSource.getBytes(StandardCharsets.UTF_8).length;
    int most = ConsistencyToken.MAX_DOMAIN_BYTES - ADDED;
    if (bytes > most) {
      throw new IllegalArgumentException(
          "cluster '"
              + dataSource
              + "' has a name of "
              + bytes
              + " bytes; take one of "
              + most
              + " at most, as it stands in tokens");
    }
    return dataSource;
  }

  /**
   * The name in tokens; that of the data source alone, which is in no token, before it is known.
   */
  String name() {
    String told = cluster.get();
    if (told == null) {
      return dataSource;
    }
    Known last = known;
    if (!last.cluster.equals(told)) {
      last = new Known(told, of(dataSource, told));
      known = last;
    }
    return last.name;
  }

  static String of(String dataSource, String cluster) {
    return dataSource + '@' + Long.toUnsignedString(KeyHash.of(cluster), Character.MAX_RADIX);
  }
}
