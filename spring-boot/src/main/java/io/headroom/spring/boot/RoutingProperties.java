package io.headroom.spring.boot;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How reads find a replica. Immutable.
 *
 * @param consistency what a read asks for whose request says nothing; read-your-writes unless set
 * @param maximumLag how far behind a copy may be; for consistency bounded, and for it alone
 * @param localZone where this application stands
 * @param probeInterval how often each server is asked; 500 ms unless set
 * @param probeTimeout how long a server has to answer a probe; 1 s unless set
 * @param replicaWait how long a read waits for a replica to catch up; 100 ms unless set
 * @param primaryWait how long a write waits while there is no primary; 5 s unless set
 * @param primarySpill how many reads a second the primary takes because no replica can; 100 unless
 *     set
 * @param timelines a file that remembers the highest timeline beyond this process
 */
record RoutingProperties(
    @Nullable Level consistency,
    @Nullable Duration maximumLag,
    @Nullable String localZone,
    @Nullable Duration probeInterval,
    @Nullable Duration probeTimeout,
    @Nullable Duration replicaWait,
    @Nullable Duration primaryWait,
    @Nullable Double primarySpill,
    @Nullable Path timelines) {

  /** As {@link io.headroom.routing.Consistency} has them. */
  enum Level {
    EVENTUAL,
    BOUNDED,
    READ_YOUR_WRITES,
    MONOTONIC,
    STRONG
  }
}
