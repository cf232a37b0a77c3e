package io.headroom.routing;

import io.headroom.LoadSignal;
import io.headroom.SetOnce;
import io.headroom.Spans;
import io.headroom.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Says what a {@link ReplicaDataSource} is made of. Each option may be set once; what is wrong is
 * named by {@link #build}, or at once. Not thread-safe.
 */
public final class ReplicaDataSourceBuilder {

  private static final Duration LONGEST = Duration.ofHours(1);
  private static final Duration SHORTEST_PROBE = Duration.ofMillis(10);
  private static final Duration LONGEST_PROBE = Duration.ofMinutes(1);

  private final String cluster;
  private final NodeList nodes;
  private final List<RoutingListener> listeners = new ArrayList<>();
  private final SetOnce once;

  private @Nullable String localZone;
  private Consistency consistency = Consistency.READ_YOUR_WRITES;
  private ReplicationProbe probe = ReplicationProbe.postgres();
  private Duration probeInterval = Duration.ofMillis(500);
  private Duration probeTimeout = Duration.ofSeconds(1);
  private Duration replicaWait = Duration.ofMillis(100);
  private Duration primaryWait = Duration.ofSeconds(5);
  private double spillPerSecond = 100;
  private LoadSignal loadSignal = LoadSignal.normal();
  private Spans spans = Spans.NONE;
  private @Nullable ProbeThreads probeThreads;
  private @Nullable TimelineStore timelines;
  private TimeSource time = TimeSource.system();

  ReplicaDataSourceBuilder(String cluster) {
    this.cluster = TokenDomain.requireShort(NodeList.requireName("cluster", cluster));
    this.nodes = new NodeList(cluster);
    this.once = new SetOnce("cluster '" + cluster + "'");
  }

  /**
   * Sets the server that is the primary at the time of writing. If another turns out to be it, that
   * one is used.
   *
   * @param name the node's name, unique in this data source
   * @param pool its connections: HikariCP or any other
   * @return this builder
   * @throws IllegalArgumentException if the name is blank
   * @throws IllegalStateException if there is a primary already, or a node of that name, or the
   *     pool is another node's
   */
  public ReplicaDataSourceBuilder primary(String name, DataSource pool) {
    nodes.primary(name, pool);
    return this;
  }

  /**
   * Adds a replica.
   *
   * @param name the node's name, unique in this data source
   * @param pool its connections; a HikariCP pool needs {@code initializationFailTimeout = -1}, so
   *     that a dead replica does not stop the application's start
   * @return this builder
   * @throws IllegalArgumentException if the name is blank
   * @throws IllegalStateException if there is a node of that name, or the pool is another node's
   */
  public ReplicaDataSourceBuilder replica(String name, DataSource pool) {
    nodes.add(name, pool);
    return this;
  }

  /**
   * Sets a node's share of reads beside the others'; 1 unless set.
   *
   * @param node a node's name
   * @param weight more than 0, at most 1,000: a node of weight 2 gets twice the reads of one of 1
   * @return this builder
   * @throws IllegalArgumentException if the weight is out of range
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder weight(String node, double weight) {
    nodes.weight(node, weight);
    return this;
  }

  /**
   * Says where a node stands.
   *
   * @param node a node's name
   * @param zone its zone, as in {@link #localZone}
   * @return this builder
   * @throws IllegalArgumentException if the zone is blank
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder zone(String node, String zone) {
    nodes.zone(node, zone);
    return this;
  }

  /**
   * Says where this application stands: nodes of its zone are read from while they have room.
   *
   * @param zone the zone
   * @return this builder
   * @throws IllegalArgumentException if the zone is blank
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder localZone(String zone) {
    once.setting("localZone");
    localZone = NodeList.requireName("localZone", zone);
    return this;
  }

  /**
   * Makes a replica a backup: it is read from only when no other replica is left that is fresh
   * enough, or becomes so while a read waits for it.
   *
   * @param node a replica's name
   * @return this builder
   * @throws IllegalStateException if it is one already
   */
  public ReplicaDataSourceBuilder backup(String node) {
    nodes.backup(node);
    return this;
  }

  /**
   * Sets what a read asks for whose request says nothing; {@link Consistency#READ_YOUR_WRITES}
   * unless set.
   *
   * @param consistency the default
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder consistency(Consistency consistency) {
    once.setting("consistency");
    this.consistency = Objects.requireNonNull(consistency, "consistency must not be null");
    return this;
  }

  /**
   * Sets how the servers are asked about their replication; {@link ReplicationProbe#postgres()}
   * unless set.
   *
   * @param probe for the kind of database that they are
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder probe(ReplicationProbe probe) {
    once.setting("probe");
    this.probe = Objects.requireNonNull(probe, "probe must not be null");
    return this;
  }

  /**
   * Sets how often each server is asked, give or take a tenth; 500 ms unless set. A promoted
   * replica is found within about this time.
   *
   * @param interval from 10 ms to an hour
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder probeInterval(Duration interval) {
    once.setting("probeInterval");
    probeInterval = inRange("probeInterval", interval, SHORTEST_PROBE, LONGEST);
    return this;
  }

  /**
   * Sets how long a server has to answer a probe before it counts as down; 1 s unless set.
   *
   * @param timeout from 10 ms to a minute
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder probeTimeout(Duration timeout) {
    once.setting("probeTimeout");
    probeTimeout = inRange("probeTimeout", timeout, SHORTEST_PROBE, LONGEST_PROBE);
    return this;
  }

  /**
   * Sets where a node's probe takes its own connection from. Unset, it is made as the pool makes
   * its own where that is HikariCP; of any other pool one connection is kept.
   *
   * @param node a node's name
   * @param connections makes a connection to the same server and database, best one with short
   *     time-outs. It is asked for a new one every 30 s, before the old one is closed, so a pool
   *     other than HikariCP must have two
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder probeVia(String node, DataSource connections) {
    nodes.probeVia(node, connections);
    return this;
  }

  /**
   * Sets how long a read waits for a replica to catch up before it goes to the primary, and, in
   * what is left of that, for a primary where there is none; 100 ms unless set, and never longer
   * than the request has left. As long again it may wait for room on the primary, if other such
   * reads take up the half of its pool that they may (HikariCP's: of another the size is not
   * known).
   *
   * @param wait from zero to an hour
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder replicaWait(Duration wait) {
    once.setting("replicaWait");
    replicaWait = inRange("replicaWait", wait, Duration.ZERO, LONGEST);
    return this;
  }

  /**
   * Sets how long a write, or a read that only the primary can do, waits while there is no primary;
   * 5 s unless set, and never longer than the request has left.
   *
   * @param wait from zero to an hour
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder primaryWait(Duration wait) {
    once.setting("primaryWait");
    primaryWait = inRange("primaryWait", wait, Duration.ZERO, LONGEST);
    return this;
  }

  /**
   * Sets how many reads a second the primary takes because no replica can; 100 unless set. Reads
   * that ask for the primary ({@link Consistency#STRONG}) don't count.
   *
   * @param perSecond from 0, for none, to a million
   * @return this builder
   * @throws IllegalArgumentException if it is out of range
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder primarySpill(double perSecond) {
    once.setting("primarySpill");
    if (!(perSecond >= 0 && perSecond <= 1_000_000)) {
      throw new IllegalArgumentException(
          "primarySpill must be 0 to 1000000 reads a second, was " + perSecond);
    }
    spillPerSecond = perSecond;
    return this;
  }

  /**
   * Sets what the guards say: from {@link io.headroom.LoadLevel#HIGH} on of the pool of the node
   * that is the primary now, that takes no reads for its replicas.
   *
   * @param signal asked with that node's {@link #loadResource}
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder loadSignal(LoadSignal signal) {
    once.setting("loadSignal");
    loadSignal = Objects.requireNonNull(signal, "signal must not be null");
    return this;
  }

  /**
   * Says what a node's pool is called where its load is told ({@link #loadSignal}). Unless set, it
   * is the cluster's name for the primary that was named at start, whoever is the primary later,
   * and {@code cluster/node} for a replica.
   *
   * @param node a node's name
   * @param resource the name that its guard was given
   * @return this builder
   * @throws IllegalArgumentException if the resource is blank
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder loadResource(String node, String resource) {
    nodes.loadResource(node, resource);
    return this;
  }

  /**
   * Adds a listener.
   *
   * @param listener hears where work goes
   * @return this builder
   */
  public ReplicaDataSourceBuilder listener(RoutingListener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener must not be null"));
    return this;
  }

  /**
   * Has a span made of each failover, {@code headroom.routing.failover}: from when the primary was
   * found to be gone until there is one again; none unless set.
   *
   * @param spans makes them
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder spans(Spans spans) {
    once.setting("spans");
    this.spans = Objects.requireNonNull(spans, "spans must not be null");
    return this;
  }

  /**
   * Sets the clock; the machine's unless set.
   *
   * @param time the clock
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder time(TimeSource time) {
    once.setting("time");
    this.time = Objects.requireNonNull(time, "time must not be null");
    return this;
  }

  /**
   * Sets the threads that probe; unset, the data source makes its own. A service with many shards
   * shares one set among all of them.
   *
   * @param threads not closed with the data source
   * @return this builder
   * @throws IllegalArgumentException if they are closed
   * @throws IllegalStateException if they are set already
   */
  public ReplicaDataSourceBuilder probeThreads(ProbeThreads threads) {
    once.setting("probeThreads");
    probeThreads = Objects.requireNonNull(threads, "threads must not be null");
    if (threads.isClosed()) {
      throw new IllegalArgumentException(
          "the probeThreads of cluster '" + cluster + "' are closed: give it some that run");
    }
    return this;
  }

  /**
   * Sets what remembers the highest timeline beyond this process. Without it, one that was just
   * started and can reach only a primary that was replaced long ago would write to that.
   *
   * @param store the memory
   * @return this builder
   * @throws IllegalStateException if it is set already
   */
  public ReplicaDataSourceBuilder timelines(TimelineStore store) {
    once.setting("timelines");
    timelines = Objects.requireNonNull(store, "store must not be null");
    return this;
  }

  /**
   * Starts to probe the nodes, and waits for the first answer or failure of each. A node that does
   * not answer, the primary included, is no error: it is used when it comes.
   *
   * @return the data source
   * @throws IllegalStateException if no primary was named, an option names a node that there is
   *     not, the primary is a backup, the pool of a replica begins transactions SERIALIZABLE, or a
   *     server that answers cannot be one of this cluster: another database, another cluster's, or
   *     the same server as another node
   */
  public ReplicaDataSource build() {
    nodes.check(localZone);
    RoutingOptions told =
        new RoutingOptions(
            cluster,
            nodes,
            localZone,
            consistency,
            probe,
            new MonitorSettings(probeInterval, probeTimeout, MonitorSettings.DEFAULT.reopenEvery()),
            new Routes.Waits(replicaWait, primaryWait, probeTimeout),
            spillPerSecond,
            loadSignal,
            new SafeListener(cluster, listeners),
            spans,
            probeThreads,
            timelines,
            time);
    return new ReplicaAssembly(told).open();
  }

  private static Duration inRange(String option, Duration given, Duration least, Duration most) {
    Objects.requireNonNull(given, () -> option + " must not be null");
    if (given.compareTo(least) < 0 || given.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          option + " must be " + least + " to " + most + ", was " + given);
    }
    return given;
  }
}
