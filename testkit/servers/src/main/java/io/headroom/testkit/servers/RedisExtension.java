package io.headroom.testkit.servers;

import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/**
 * Hands a Redis server, a cluster or a primary with sentinels to a JUnit 5 test class, empty.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final RedisExtension<RedisCluster> redis = RedisExtension.cluster();
 *
 * @Test
 * void aKeySurvivesItsPrimary() {
 *   RedisServer primary = redis.get().primaryOf("order:7");
 *   redis.get().failOver(primary);
 * }
 * }</pre>
 *
 * <p>One of each kind is shared by all test classes of the JVM, and ends with it. After a class, it
 * is healed and flushed, scripts and functions too ({@link #heal} heals between tests). In a build
 * that runs classes in parallel, a class takes {@link #exclusive() servers of its own}.
 *
 * <p>Register it in a static field. Thread-safe once the class has begun.
 *
 * @param <T> what it hands out
 */
public final class RedisExtension<T> implements BeforeAllCallback {

  private static final Namespace NAMESPACE = Namespace.create(RedisExtension.class);
  private static final int REPLICAS_BESIDE_SENTINELS = 2;

  private final Kind<T> kind;
  private final boolean exclusive;
  private volatile @Nullable Lease<T> lease;

  private RedisExtension(Kind<T> kind, boolean exclusive) {
    this.kind = kind;
    this.exclusive = exclusive;
  }

  /**
   * Returns an extension that hands out a single server.
   *
   * @return a new extension
   */
  public static RedisExtension<RedisServer> single() {
    return new RedisExtension<>(
        new Kind<>(
            "single",
            RedisServer::start,
            RedisServer::heal,
            RedisExtension::forgetAll,
            RedisServer::close),
        false);
  }

  /**
   * Returns an extension that hands out a cluster of three primaries with a replica each.
   *
   * @return a new extension
   */
  public static RedisExtension<RedisCluster> cluster() {
    return new RedisExtension<>(
        new Kind<>(
            "cluster",
            RedisCluster::start,
            RedisCluster::heal,
            cluster ->
                cluster.nodes().stream()
                    .filter(node -> !node.isReplica())
                    .forEach(RedisExtension::forgetAll),
            RedisCluster::close),
        false);
  }

  /**
   * Returns an extension that hands out a primary with two replicas and three sentinels.
   *
   * @return a new extension
   */
  public static RedisExtension<RedisSentinels> sentinel() {
    return new RedisExtension<>(
        new Kind<>(
            "sentinel",
            () -> RedisSentinels.start(REPLICAS_BESIDE_SENTINELS),
            RedisSentinels::heal,
            sentinels -> forgetAll(sentinels.primary()),
            RedisSentinels::close),
        false);
  }

  /**
   * Returns an extension like this one, whose servers no other class gets; they end with the class.
   *
   * @return a new extension
   */
  public RedisExtension<T> exclusive() {
    return new RedisExtension<>(kind, true);
  }

  /**
   * Returns what the class has got.
   *
   * @return the running server, cluster, or servers with sentinels
   * @throws IllegalStateException if no test class has begun
   */
  public T get() {
    return lease().redis().value();
  }

  /**
   * Makes everything run, answer, and be what it was when the class got it, with the settings of
   * then: between two tests of a class that kills, stops, fails over or configures. Data stay,
   * where they have not been lost.
   *
   * @throws IllegalStateException if no test class has begun
   * @throws ServerException if a server does not start or connect
   */
  public void heal() {
    kind.heal().accept(get());
  }

  /**
   * Called by JUnit before the tests of a class.
   *
   * @param context the class's context
   */
  @Override
  @SuppressWarnings("unchecked")
  public void beforeAll(ExtensionContext context) {
    // A nested class finds, and keeps, what its outer class has got.
    lease =
        (Lease<T>)
            context
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(this, extension -> extension.open(context), Lease.class);
  }

  @SuppressWarnings("unchecked")
  private Lease<T> open(ExtensionContext context) {
    if (exclusive) {
      return new Lease<>(kind.started(), true);
    }
    Started<T> shared =
        (Started<T>)
            context
                .getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(kind.name(), name -> kind.started(), Started.class);
    return new Lease<>(shared, false);
  }

  private Lease<T> lease() {
    Lease<T> current = lease;
    if (current == null) {
      throw new IllegalStateException(
          "No test class has begun: register the extension in a static field, and use it in tests"
              + " or in @BeforeAll");
    }
    return current;
  }

  /** Leaves nothing for the next class; replicas follow. */
  private static void forgetAll(RedisServer primary) {
    primary.flush();
    primary.flushScripts();
    primary.command("FUNCTION", "FLUSH", "SYNC");
  }

  @Override
  public String toString() {
    return "RedisExtension[" + kind.name() + ", " + lease + "]";
  }

  /** What is handed out, and how it is started, mended, emptied and ended. */
  private record Kind<T>(
      String name, Supplier<T> start, Consumer<T> heal, Consumer<T> forgetAll, Consumer<T> close) {

    Started<T> started() {
      return new Started<>(start.get(), this);
    }
  }

  /**
   * What was started: closed by JUnit, before version 5.13 if it is a {@code CloseableResource},
   * from then on if it is {@link AutoCloseable}.
   */
  @SuppressWarnings("deprecation")
  private record Started<T>(T value, Kind<T> kind)
      implements AutoCloseable, ExtensionContext.Store.CloseableResource {

    @Override
    public void close() {
      kind.close().accept(value);
    }
  }

  /** What a class has, until its end. */
  @SuppressWarnings("deprecation")
  private record Lease<T>(Started<T> redis, boolean own)
      implements AutoCloseable, ExtensionContext.Store.CloseableResource {

    @Override
    public void close() {
      if (own) {
        redis.close();
      } else {
        redis.kind().heal().accept(redis.value());
        redis.kind().forgetAll().accept(redis.value());
      }
    }
  }
}
