package io.headroom.benchmarks.caches;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/**
 * The least that can be done by Lettuce's asynchronous commands: a GET of what {@link
 * CacheContender#LETTUCE} has put, and a wait for its answer. Thread-safe.
 */
public final class AsyncGets implements AutoCloseable {
  private final RedisClient client;
  private final RedisAsyncCommands<String, byte[]> redis;

  /**
   * Connects.
   *
   * @param uri a Redis server
   */
  public AsyncGets(String uri) {
    client = RedisClient.create(uri);
    redis = client.connect(LettuceProfiles.CODEC).async();
  }

  /**
   * Gets a profile that is there.
   *
   * @param id whose
   * @return the profile
   */
  public Profile get(Long id) {
    try {
      return ProfileJson.read(Objects.requireNonNull(redis.get(LettuceProfiles.key(id)).get()));
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("Redis did not answer", e);
    }
  }

  @Override
  public void close() {
    client.shutdown();
  }
}
