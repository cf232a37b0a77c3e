package io.headroom.routing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * Remembers the highest timeline of each cluster beyond the life of a process, so that one that was
 * just started, and can reach only a primary that was replaced long ago, does not write to it.
 *
 * <pre>{@code
 * TimelineStore timelines = TimelineStore.file(Path.of("/var/lib/orders/timelines"));
 * }</pre>
 *
 * <p>One store serves any number of data sources and clusters. Implementations are thread-safe.
 */
public interface TimelineStore {

  /**
   * Looks a cluster up. Asked once for a cluster, when a node of it first answers.
   *
   * @param cluster which, as in {@link NodeStatus#cluster()}
   * @return the highest timeline that was remembered, empty if none was
   * @throws IOException if it cannot be told; routing goes on without, and says so in the log
   */
  OptionalLong highest(String cluster) throws IOException;

  /**
   * Remembers a timeline, unless a higher one is remembered. Called after each change.
   *
   * @param cluster of which cluster
   * @param timeline the timeline that a server was seen on
   * @throws IOException if it cannot be kept; routing goes on without, and says so in the log
   */
  void remember(String cluster, long timeline) throws IOException;

  /**
   * A store in a file, which several processes of a machine may share: lines are only appended, one
   * for a cluster and one for each of its failovers.
   *
   * @param path of the file, which is made at the first failover if it is not there
   * @return the store
   * @throws IOException if the file is there and cannot be read, or holds something else
   */
  static TimelineStore file(Path path) throws IOException {
    return TimelineFile.open(path);
  }
}
