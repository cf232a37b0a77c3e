package io.headroom.cache;

import io.headroom.TimeSource;
import io.headroom.redis.Lane;
import io.headroom.redis.RedisCallException;
import io.headroom.redis.RedisClients;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection that brings the news. That nothing was missed is not taken from its being open, or
 * from an answer to a ping: once a second an echo goes all the way that news go, in by the
 * connection for commands and out by this one. Where none comes, this one is stuck, or leads to a
 * server that nobody tells the news any more, and is made anew.
 *
 * <p>Thread-safe.
 */
final class NewsLine {

  private static final long ECHO_NANOS = TimeUnit.SECONDS.toNanos(1);
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** Sends an echo on its way. */
  @FunctionalInterface
  interface Caller {

    /** Whatever comes of it: it is heard or not. */
    void call(byte[] channel, byte[] message);
  }

  private final RedisLink.Listener listener;
  private final TimeSource time;
  private final Caller caller;
  private final Lane<StatefulRedisPubSubConnection<byte[], byte[]>> lane;
  private final Map<String, Consumer<byte[]>> channels = new ConcurrentHashMap<>();

  /** Those that the server has confirmed, since this connection was last opened. */
  private final Set<String> confirmed = ConcurrentHashMap.newKeySet();

  /** This process's own channel, with two colons, which no cache's has. */
  private final String echoes =
      "headroom::" + Long.toHexString(ThreadLocalRandom.current().nextLong());

  /** Since when an echo has been awaited; null if none is. */
  private volatile @Nullable Long awaitedSinceNanos;

  private long calledNanos; // by the tick alone

  NewsLine(RedisClients clients, TimeSource time, RedisLink.Listener listener, Caller caller) {
    this.time = time;
    this.listener = listener;
    this.caller = caller;
    this.lane = new Lane<>(clients::listen, this::listens);
    this.calledNanos = time.nanoTime();
  }

  private void listens(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
    confirmed.clear();
    awaitedSinceNanos = null;
    connection.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(byte[] channel, byte[] message) {
            String name = text(channel);
            Consumer<byte[]> reader = channels.get(name);
            if (name.equals(echoes)) {
              echo(message);
            } else if (reader != null) {
              reader.accept(message);
            }
          }

          @Override
          public void subscribed(byte[] channel, long count) {
            String name = text(channel);
            confirmed.add(name);
            if (!name.equals(echoes)) {
              listener.doubt(name); // what was published before it was heard is to be asked for
            }
          }
        });
    subscribeMissing(connection);
  }

  private static String text(byte[] channel) {
    return new String(channel, StandardCharsets.UTF_8);
  }

  private void echo(byte[] message) {
    awaitedSinceNanos = null;
    listener.confirm(ByteBuffer.wrap(message).getLong());
  }

  /** The client's library subscribes again after a reconnect, but only to what it once had. */
  private boolean subscribeMissing(StatefulRedisPubSubConnection<byte[], byte[]> connection) {
    boolean complete = confirmed.contains(echoes);
    if (!complete) {
      var unused = connection.async().subscribe(Layout.bytes(echoes));
    }
    for (String channel : channels.keySet()) {
      if (!confirmed.contains(channel)) {
        complete = false;
        var unused = connection.async().subscribe(Layout.bytes(channel));
      }
    }
    return complete;
  }

  /** A connection of the client was opened or closed. */
  @SuppressWarnings("ReferenceEquality") // is it this very connection?
  void changed(Object connection) {
    if (connection == lane.get()) {
      confirmed.clear();
      listener.doubt();
    }
  }

  /** Hands a channel's messages to a reader; done once the first of them can come in. */
  CompletableFuture<Void> subscribe(byte[] channel, Consumer<byte[]> reader) {
    channels.put(text(channel), reader);
    StatefulRedisPubSubConnection<byte[], byte[]> connection = lane.get();
    return connection == null
        ? RedisCallException.away()
        : connection.async().subscribe(channel).toCompletableFuture();
  }

  /** Hands them to nobody any more. */
  void unsubscribe(byte[] channel) {
    channels.remove(text(channel));
    confirmed.remove(text(channel));
    StatefulRedisPubSubConnection<byte[], byte[]> connection = lane.get();
    if (connection != null) {
      var unused = connection.async().unsubscribe(channel);
    }
  }

  /**
   * Connects, calls, listens: several times a second.
   *
   * @param canCall whether the connection for commands works
   */
  void tick(long nowNanos, boolean canCall) {
    lane.tick(nowNanos);
    StatefulRedisPubSubConnection<byte[], byte[]> connection = lane.get();
    if (connection == null || channels.isEmpty() || !canCall) {
      awaitedSinceNanos = null;
      return;
    }
    Long awaitedSince = awaitedSinceNanos;
    if (awaitedSince != null && nowNanos - awaitedSince > STUCK_NANOS) {
      renew();
    } else if (nowNanos - calledNanos >= ECHO_NANOS) {
      calledNanos = nowNanos;
      if (awaitedSince == null) {
        awaitedSinceNanos = nowNanos;
      }
      if (subscribeMissing(connection)) {
        byte[] message = ByteBuffer.allocate(Long.BYTES).putLong(time.nanoTime()).array();
        caller.call(Layout.bytes(echoes), message);
      }
    }
  }

  /** Gives the connection up; another is made at the next tick. */
  void renew() {
    awaitedSinceNanos = null;
    lane.renew();
  }

  CompletableFuture<Void> firstMade() {
    return lane.firstMade();
  }

  void close() {
    lane.close();
  }
}
