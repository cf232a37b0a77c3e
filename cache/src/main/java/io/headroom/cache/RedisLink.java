package io.headroom.cache;

import io.headroom.TimeSource;
import io.headroom.redis.RedisCallException;
import io.headroom.redis.RedisClients;
import io.headroom.redis.RedisCommands;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The way to Redis: {@link RedisCommands} for scripts and looks, and {@link NewsLine}. Both doubt
 * what they heard when another server answers.
 *
 * <p>Thread-safe.
 */
final class RedisLink {

  /** Hears of what may have been missed, and what has not. */
  interface Listener {

    /** The connection that brings the news is a new one, or another server answers. */
    void doubt();

    /** The same, of one channel. */
    void doubt(String channel);

    /** All news up to then have come in. */
    void confirm(long asOfNanos);
  }

  private final String uri;
  private final RedisClients clients;
  private final Listener listener;
  private final RedisCommands commands;
  private final NewsLine news;
  private int topology; // by the tick alone

  /**
   * Creates it; nothing is connected before the first tick.
   *
   * @param uri what logs call it, without secrets
   */
  RedisLink(String uri, RedisClients clients, TimeSource time, Listener listener) {
    this.uri = uri;
    this.clients = clients;
    this.listener = listener;
    clients.client().addListener(new Connections());
    this.commands =
        new RedisCommands(
            uri,
            "caches do without it, each process with its own entries",
            RedisTier.class,
            clients,
            time,
            listener::doubt);
    this.news =
        new NewsLine(
            clients,
            time,
            listener,
            (channel, message) -> {
              var unused = run(LuaScript.ECHO, new byte[][] {channel}, channel, message);
            });
  }

  /** Those to a cluster's nodes come and go; there, a change of the topology is what counts. */
  private final class Connections implements RedisConnectionStateListener {
    @Override
    public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
      changed(connection);
    }

    @Override
    public void onRedisDisconnected(RedisChannelHandler<?, ?> connection) {
      changed(connection);
    }

    @SuppressWarnings("ReferenceEquality") // is it this very connection?
    private void changed(Object connection) {
      if (connection == commands.connection()) {
        listener.doubt();
      } else {
        news.changed(connection);
      }
    }
  }

  /**
   * Hands a channel's messages to a reader, on a thread that is not to be held up.
   *
   * @return done once the first of them can come in
   */
  CompletableFuture<Void> subscribe(byte[] channel, Consumer<byte[]> reader) {
    return news.subscribe(channel, reader);
  }

  /** Hands them to nobody any more. */
  void unsubscribe(byte[] channel) {
    news.unsubscribe(channel);
  }

  /** Whether there are many primaries. */
  boolean isCluster() {
    return clients.isCluster();
  }

  /** Whether calls are let through now. */
  boolean isUp() {
    return commands.isUp();
  }

  /** Runs a script, unless Redis is away: then the future has failed at once. */
  CompletableFuture<List<Object>> run(LuaScript script, byte[][] keys, byte[]... arguments) {
    return commands.run(script.script(), keys, arguments);
  }

  /** Runs a script to see whether Redis is there, and lets all calls through if it is. */
  CompletableFuture<List<Object>> probe(LuaScript script, byte[][] keys, byte[]... arguments) {
    return commands.probe(script.script(), keys, arguments);
  }

  /** Reads fields of a hash; fails at once if Redis is away. */
  CompletableFuture<SharedRead> peek(byte[] key, byte[][] fields, PeekOutput output) {
    StatefulConnection<byte[], byte[]> connection = commands.openConnection();
    if (connection == null) {
      return RedisCallException.away();
    }
    Peek peek = new Peek(key, fields, output);
    try {
      var unused = connection.dispatch(peek);
    } catch (RuntimeException closed) { // or it takes no more
      peek.completeExceptionally(closed);
    }
    return peek;
  }

  /** The same, of many hashes, of which each server is asked in one go. */
  List<CompletableFuture<SharedRead>> peekAll(
      List<byte[]> keys, byte[][] fields, List<PeekOutput> outputs) {
    StatefulConnection<byte[], byte[]> connection = commands.openConnection();
    if (connection == null) {
      return Collections.nCopies(keys.size(), RedisCallException.away());
    }
    List<Peek> all = new ArrayList<>(keys.size());
    for (int i = 0; i < keys.size(); i++) {
      all.add(new Peek(keys.get(i), fields, outputs.get(i)));
    }
    try {
      clients.dispatch(connection, all, keys);
    } catch (RuntimeException closed) { // or it takes no more
      all.forEach(one -> one.completeExceptionally(closed));
    }
    return List.copyOf(all);
  }

  /** A look into an entry: it tells the breaker what has come of it. */
  private final class Peek extends AsyncCommand<byte[], byte[], SharedRead> {

    Peek(byte[] key, byte[][] fields, PeekOutput output) {
      super(new Command<>(CommandType.HMGET, output, arguments(key, fields)));
    }

    private static CommandArgs<byte[], byte[]> arguments(byte[] key, byte[][] fields) {
      CommandArgs<byte[], byte[]> arguments =
          new CommandArgs<>(ByteArrayCodec.INSTANCE).addKey(key);
      for (byte[] field : fields) {
        arguments.add(field);
      }
      return arguments;
    }

    @Override
    protected void completeResult() {
      super.completeResult();
      String error = getOutput().getError();
      commands.ended(error == null ? null : new RedisCommandExecutionException(error));
    }

    @Override
    public boolean completeExceptionally(Throwable failure) {
      boolean isFirst = super.completeExceptionally(failure);
      if (isFirst) {
        commands.ended(failure);
      }
      return isFirst;
    }
  }

  /** Connects, looks whether it is there, tries again: several times a second. */
  void tick(long nowNanos, Consumer<Runnable> probe) {
    clients.tick(nowNanos);
    int seen = clients.topology();
    if (seen != topology) {
      if (topology != 0 && clients.staysBehind()) {
        commands.renew();
        news.renew();
      }
      topology = seen;
      listener.doubt();
    }
    commands.tick(nowNanos, probe);
    news.tick(nowNanos, isUp());
  }

  /** Waits for the first connections, for so long at the most. */
  boolean awaitConnections(Duration limit) {
    try {
      CompletableFuture.allOf(commands.firstMade(), news.firstMade())
          .get(limit.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException late) {
      return false;
    }
  }

  /** Says so, once; and once more when it can. */
  void isNotReached() {
    commands.isNotReached();
  }

  /** What logs call it. */
  String name() {
    return uri;
  }

  /** Ends all connections. */
  void close() {
    commands.close();
    news.close();
    clients.close();
  }

  @Override
  public String toString() {
    return commands.toString();
  }
}
