package io.headroom.benchmarks.limits;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.distributed.ExpirationAfterWriteStrategy;
import io.github.bucket4j.distributed.proxy.RemoteBucketBuilder;
import io.github.bucket4j.distributed.proxy.optimization.Optimizations;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import io.headroom.ratelimit.RateLimiterBuilder;
import io.headroom.ratelimit.RedisLimits;
import io.lettuce.core.RedisClient;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.redisson.Redisson;
import org.redisson.api.RRateLimiter;
import org.redisson.api.RateType;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** Who keeps a limit in Redis: a billion permits a second, which nobody can use up. */
public enum SharedContender {
  /** Ours, a round trip for each decision, or for all that wait. */
  HEADROOM {
    @Override
    public SharedLimit open(String uri) {
      return ours(uri, builder -> builder.policy(KEY, Limit.perSecond(A_SECOND)));
    }
  },
  /** Ours, taken ahead. */
  LEASED {
    @Override
    public SharedLimit open(String uri) {
      return ours(uri, builder -> builder.leased(KEY, Limit.perSecond(A_SECOND)));
    }
  },
  /** The very script of ours by a bare client, one connection, one call for each decision. */
  BARE {
    @Override
    public SharedLimit open(String uri) {
      return new Bare(uri);
    }
  },
  /** Bucket4j as it comes: it reads, reckons, and compares and sets. */
  BUCKET4J {
    @Override
    public SharedLimit open(String uri) {
      return new Bucket4j(uri, false);
    }
  },
  /** Bucket4j with its batching. */
  BUCKET4J_BATCHING {
    @Override
    public SharedLimit open(String uri) {
      return new Bucket4j(uri, true);
    }
  },
  /** Redisson's. */
  REDISSON {
    @Override
    public SharedLimit open(String uri) {
      return new OfRedisson(uri);
    }
  };

  private static final String KEY = "hot";
  private static final int A_SECOND = 1_000_000_000;

  /**
   * Connects.
   *
   * @param uri of the server
   * @return the limit
   */
  public abstract SharedLimit open(String uri);

  /** Adds the policy. */
  private interface Policy {
    RateLimiterBuilder<String> add(RateLimiterBuilder<String> builder);
  }

  private static SharedLimit ours(String uri, Policy policy) {
    // Nobody else is cut off by a time-out, and whoever was would be decided for without Redis.
    RedisLimits redis = RedisLimits.builder(uri).timeout(Duration.ofSeconds(10)).build();
    RateLimiter<String> limiter =
        policy.add(RateLimiter.<String>builder("benchmark")).shared(redis).build();
    return new SharedLimit() {
      @Override
      public boolean tryAcquire() {
        return limiter.tryAcquire(KEY).allowed();
      }

      @Override
      public void close() {
        redis.close();
      }
    };
  }

  private static final class Bare implements SharedLimit {
    private static final byte[][] ARGUMENTS = {
      text("1"), text("1"), text("1"), text("1000"), text("1000000000")
    };

    private final RedisClient client;
    private final StatefulRedisConnection<byte[], byte[]> connection;
    private final String digest;
    private final byte[][] keys = {text("headroom:limit:{bare:hot}")};

    Bare(String uri) {
      client = RedisClient.create(uri);
      connection = client.connect(ByteArrayCodec.INSTANCE);
      digest = connection.sync().scriptLoad(script("common") + script("acquire"));
    }

    private static byte[] text(String text) {
      return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static String script(String name) {
      try (InputStream in =
          RateLimiter.class.getResourceAsStream("/io/headroom/ratelimit/" + name + ".lua")) {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }

    @Override
    public boolean tryAcquire() throws Exception {
      List<Object> answer =
          connection
              .async()
              .<List<Object>>evalsha(digest, ScriptOutputType.MULTI, keys, ARGUMENTS)
              .get();
      return (Long) answer.get(1) < A_SECOND;
    }

    @Override
    public void close() {
      client.shutdown();
    }
  }

  private static final class Bucket4j implements SharedLimit {
    private final RedisClient client;
    private final BucketProxy bucket;

    Bucket4j(String uri, boolean batching) {
      client = RedisClient.create(uri);
      RemoteBucketBuilder<String> builder =
          Bucket4jLettuce.casBasedBuilder(
                  client.connect(RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE)))
              .expirationAfterWrite(
                  ExpirationAfterWriteStrategy.basedOnTimeForRefillingBucketUpToMax(
                      Duration.ofSeconds(10)))
              .build()
              .builder();
      BucketConfiguration configuration =
          BucketConfiguration.builder()
              .addLimit(
                  limit -> limit.capacity(A_SECOND).refillGreedy(A_SECOND, Duration.ofSeconds(1)))
              .build();
      bucket =
          (batching ? builder.withOptimization(Optimizations.batching()) : builder)
              .build("bucket4j" + batching, () -> configuration);
    }

    @Override
    public boolean tryAcquire() {
      return bucket.tryConsume(1);
    }

    @Override
    public void close() {
      client.shutdown();
    }
  }

  private static final class OfRedisson implements SharedLimit {
    private final RedissonClient client;
    private final RRateLimiter limiter;

    OfRedisson(String uri) {
      Config config = new Config();
      config.useSingleServer().setAddress(uri);
      client = Redisson.create(config);
      limiter = client.getRateLimiter("redisson");
      limiter.trySetRate(RateType.OVERALL, A_SECOND, Duration.ofSeconds(1));
    }

    @Override
    public boolean tryAcquire() {
      return limiter.tryAcquire(1);
    }

    @Override
    public void close() {
      client.shutdown();
    }
  }
}
