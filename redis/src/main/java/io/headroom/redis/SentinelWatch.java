package io.headroom.redis;

import io.lettuce.core.sentinel.api.StatefulRedisSentinelConnection;
import java.net.SocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks a sentinel once a second which server is the primary. A primary that was replaced, and has
 * not been told, does not end its connections; whoever stays with it talks to nobody else.
 *
 * <p>For one thread, but for {@link #primary}.
 */
final class SentinelWatch {

  private static final long PERIOD_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Lane<StatefulRedisSentinelConnection<byte[], byte[]>> lane;
  private final byte[] name;
  private volatile @Nullable SocketAddress primary;
  private volatile boolean failed;
  private long askedNanos;

  /**
   * Creates one that has asked nobody yet.
   *
   * @param connect connects to a sentinel
   * @param name what sentinels call the primary
   */
  SentinelWatch(
      Supplier<CompletableFuture<StatefulRedisSentinelConnection<byte[], byte[]>>> connect,
      byte[] name) {
    this.lane = new Lane<>(connect::get, connection -> {});
    this.name = name;
  }

  /** Where the primary was when a sentinel last said so; null if none has. */
  @Nullable SocketAddress primary() {
    return primary;
  }

  /** Asks if that is to be done. */
  void tick(long nowNanos) {
    if (failed) { // the next connection may be to another one
      failed = false;
      lane.renew();
    }
    lane.tick(nowNanos);
    StatefulRedisSentinelConnection<byte[], byte[]> connection = lane.get();
    if (connection == null || (askedNanos != 0 && nowNanos - askedNanos < PERIOD_NANOS)) {
      return;
    }
    askedNanos = nowNanos;
    var unused =
        connection
            .async()
            .getMasterAddrByName(name)
            .whenComplete(
                (address, failure) -> {
                  if (failure != null) {
                    failed = true;
                  } else if (address != null) {
                    primary = address;
                  }
                });
  }

  void close() {
    lane.close();
  }
}
