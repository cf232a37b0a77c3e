package io.headroom.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.event.DefaultEventPublisherOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lettuce, set to fail fast: nothing waits for a server that is away, nothing is sent again after a
 * reconnect (an old value must not land late), nothing piles up.
 */
public abstract sealed class RedisClients {

  /** At the slowest, a lost server is tried again this often. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  private static final Duration HANDSHAKE = Duration.ofSeconds(1);
  private static final Duration TOPOLOGY_PERIOD = Duration.ofSeconds(10);
  private static final int MOST_REQUESTS = 10_000;

  /**
   * Without the latencies of commands, which Lettuce gathers wherever Micrometer brings a histogram
   * along, for events that nobody hears.
   */
  private final ClientResources resources =
      ClientResources.builder()
          .commandLatencyRecorder(CommandLatencyRecorder.disabled())
          .commandLatencyPublisherOptions(DefaultEventPublisherOptions.disabled())
          .reconnectDelay(
              Delay.fullJitter(Duration.ofMillis(20), LONGEST_PAUSE, 20, TimeUnit.MILLISECONDS))
          .nettyCustomizer(LostCommands.ON_EACH_CHANNEL)
          .build();

  private RedisClients() {}

  /**
   * One server, or what sentinels say is the primary.
   *
   * @param uri where
   * @param newsFrom how the news come from it; the same way, but for tests
   * @param commandTimeout after which a command has failed
   * @return clients that are not connected
   */
  public static RedisClients single(RedisURI uri, RedisURI newsFrom, Duration commandTimeout) {
    return new Single(uri, newsFrom, commandTimeout);
  }

  /**
   * A cluster, of which some nodes are known.
   *
   * @param nodes some of them
   * @param commandTimeout after which a command has failed
   * @return clients that are not connected
   */
  public static RedisClients cluster(List<RedisURI> nodes, Duration commandTimeout) {
    return new Clustered(nodes, commandTimeout);
  }

  /**
   * Makes a connection for commands, of which {@link #commands} has the asynchronous ones: the
   * others may not be there.
   *
   * @return the connection to come
   */
  public abstract CompletableFuture<? extends StatefulConnection<byte[], byte[]>> connect();

  /**
   * Returns what sends commands on such a connection.
   *
   * @param connection as {@link #connect} made it
   * @return its commands
   */
  public abstract RedisClusterAsyncCommands<byte[], byte[]> commands(
      StatefulConnection<byte[], byte[]> connection);

  /**
   * Sends commands, of each of which the key is known, to each server in one go.
   *
   * @param connection as {@link #connect} made it
   * @param all the commands
   * @param keys of the commands, in their order
   */
  public void dispatch(
      StatefulConnection<byte[], byte[]> connection,
      List<? extends RedisCommand<byte[], byte[], ?>> all,
      List<byte[]> keys) {
    var unused = connection.dispatch(all);
  }

  /**
   * Makes a connection for subscriptions, by asynchronous commands: the others may not be there.
   *
   * @return the connection to come
   */
  public abstract CompletableFuture<? extends StatefulRedisPubSubConnection<byte[], byte[]>>
      listen();

  /**
   * Returns the client's library's own.
   *
   * @return for its listeners
   */
  public abstract AbstractRedisClient client();

  /**
   * Does what is to be done from time to time.
   *
   * @param nowNanos the time
   */
  public void tick(long nowNanos) {}

  /**
   * Tells when other servers are in charge.
   *
   * @return a number that changes then; 0 while that is not known
   */
  public int topology() {
    return 0;
  }

  /**
   * Tells whether it is a cluster.
   *
   * @return true if there are many primaries
   */
  public boolean isCluster() {
    return false;
  }

  /**
   * Tells whether connections stay with a server that is in charge no more.
   *
   * @return true if they are to be made anew then
   */
  public boolean staysBehind() {
    return false;
  }

  final ClientResources resources() {
    return resources;
  }

  /** Ends all connections. */
  public void close() {
    try {
      client().shutdown(Duration.ZERO, Duration.ofSeconds(2));
    } finally { // a thread that is interrupted does not wait for the former
      Object unused = resources.shutdown(0, 2, TimeUnit.SECONDS); // nobody waits for it
    }
  }

  private static <B extends ClientOptions.Builder> B failFast(B options, Duration commandTimeout) {
    options
        .autoReconnect(true)
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(LostCommands::isNotSentAgain)
        .requestQueueSize(MOST_REQUESTS)
        .timeoutOptions(TimeoutOptions.enabled(commandTimeout))
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(HANDSHAKE)
                .keepAlive(true)
                .tcpNoDelay(true)
                .build());
    return options;
  }

  private static final class Single extends RedisClients {

    private final RedisURI uri;
    private final RedisURI newsFrom;
    private final RedisClient client;
    private final @Nullable SentinelWatch sentinels;

    Single(RedisURI uri, RedisURI newsFrom, Duration commandTimeout) {
      this.uri = uri;
      this.newsFrom = newsFrom;
      uri.setTimeout(HANDSHAKE);
      newsFrom.setTimeout(HANDSHAKE);
      this.client = new AsyncOnlyClient(resources());
      client.setOptions(failFast(ClientOptions.builder(), commandTimeout).build());
      this.sentinels =
          uri.getSentinels().isEmpty()
              ? null
              : new SentinelWatch(
                  () -> client.connectSentinelAsync(ByteArrayCodec.INSTANCE, uri),
                  uri.getSentinelMasterId().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void tick(long nowNanos) {
      if (sentinels != null) {
        sentinels.tick(nowNanos);
      }
    }

    @Override
    public int topology() {
      return sentinels == null ? 0 : Objects.hashCode(sentinels.primary());
    }

    @Override
    public boolean staysBehind() {
      return sentinels != null;
    }

    @Override
    public void close() {
      if (sentinels != null) {
        sentinels.close();
      }
      super.close();
    }

    @Override
    public CompletableFuture<? extends StatefulConnection<byte[], byte[]>> connect() {
      return client.connectAsync(ByteArrayCodec.INSTANCE, uri).toCompletableFuture();
    }

    @Override
    public RedisClusterAsyncCommands<byte[], byte[]> commands(
        StatefulConnection<byte[], byte[]> connection) {
      return ((StatefulRedisConnection<byte[], byte[]>) connection).async();
    }

    @Override
    public CompletableFuture<? extends StatefulRedisPubSubConnection<byte[], byte[]>> listen() {
      return client.connectPubSubAsync(ByteArrayCodec.INSTANCE, newsFrom).toCompletableFuture();
    }

    @Override
    public AbstractRedisClient client() {
      return client;
    }
  }

  private static final class Clustered extends RedisClients {

    private final RedisClusterClient client;
    private volatile boolean isKnown;
    private int topology; // by the tick alone

    @SuppressWarnings("deprecation") // by Lettuce 7, where these triggers are the default
    Clustered(List<RedisURI> nodes, Duration commandTimeout) {
      nodes.forEach(node -> node.setTimeout(HANDSHAKE));
      this.client = RedisClusterClient.create(resources(), nodes);
      client.setOptions(
          failFast(ClusterClientOptions.builder(), commandTimeout)
              .topologyRefreshOptions(
                  ClusterTopologyRefreshOptions.builder()
                      .enablePeriodicRefresh(TOPOLOGY_PERIOD)
                      .enableAdaptiveRefreshTrigger(
                          ClusterTopologyRefreshOptions.RefreshTrigger.values())
                      .adaptiveRefreshTriggersTimeout(LONGEST_PAUSE)
                      .build())
              .build());
    }

    @Override
    public CompletableFuture<? extends StatefulConnection<byte[], byte[]>> connect() {
      return known().thenCompose(done -> client.connectAsync(ByteArrayCodec.INSTANCE));
    }

    private CompletableFuture<Void> known() {
      return isKnown
          ? CompletableFuture.completedFuture(null)
          : client.refreshPartitionsAsync().toCompletableFuture().thenRun(() -> isKnown = true);
    }

    @Override
    public RedisClusterAsyncCommands<byte[], byte[]> commands(
        StatefulConnection<byte[], byte[]> connection) {
      return ((StatefulRedisClusterConnection<byte[], byte[]>) connection).async();
    }

    @Override
    public CompletableFuture<? extends StatefulRedisPubSubConnection<byte[], byte[]>> listen() {
      return known().thenCompose(done -> client.connectPubSubAsync(ByteArrayCodec.INSTANCE));
    }

    @Override
    public AbstractRedisClient client() {
      return client;
    }

    @Override
    public boolean isCluster() {
      return true;
    }

    /** By itself, the client's library would send them slot by slot. */
    @Override
    public void dispatch(
        StatefulConnection<byte[], byte[]> connection,
        List<? extends RedisCommand<byte[], byte[], ?>> all,
        List<byte[]> keys) {
      StatefulRedisClusterConnection<byte[], byte[]> cluster =
          (StatefulRedisClusterConnection<byte[], byte[]>) connection;
      Map<String, List<RedisCommand<byte[], byte[], ?>>> byNode = new HashMap<>();
      for (int i = 0; i < keys.size(); i++) {
        RedisClusterNode node =
            client.getPartitions().getPartitionBySlot(SlotHash.getSlot(keys.get(i)));
        if (node == null) {
          all.get(i).completeExceptionally(new RedisException("nobody has the key's slot"));
        } else {
          byNode.computeIfAbsent(node.getNodeId(), id -> new ArrayList<>()).add(all.get(i));
        }
      }
      byNode.forEach(
          (node, some) -> {
            var unused =
                cluster
                    .getConnectionAsync(node)
                    .whenComplete((direct, failure) -> dispatch(direct, failure, some));
          });
    }

    private static void dispatch(
        @Nullable StatefulRedisConnection<byte[], byte[]> direct,
        @Nullable Throwable failure,
        List<RedisCommand<byte[], byte[], ?>> some) {
      try {
        if (direct != null) {
          var unused = direct.dispatch(some);
          return;
        }
        some.forEach(one -> one.completeExceptionally(RedisCallException.of(failure)));
      } catch (RuntimeException closed) { // or it takes no more
        some.forEach(one -> one.completeExceptionally(closed));
      }
    }

    /** Nobody's before the first connection: to ask would wait for one. */
    @Override
    public int topology() {
      return topology;
    }

    @Override
    public void tick(long nowNanos) {
      if (isKnown) {
        topology = look();
      }
    }

    private int look() {
      int[] sum = new int[1];
      for (RedisClusterNode node : client.getPartitions()) {
        if (!node.hasNoSlots()) {
          int name = node.getNodeId().hashCode();
          node.forEachSlot(slot -> sum[0] += name * (2 * slot + 1));
        }
      }
      return sum[0];
    }
  }
}
