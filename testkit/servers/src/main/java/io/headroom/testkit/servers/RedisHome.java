package io.headroom.testkit.servers;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the Redis servers of one JVM share: the unpacked binary, and a home. */
final class RedisHome {

  private static final String VERSION = "7.0.15";
  private static final String BINARY = "redis-server";

  private static @Nullable RedisHome shared;

  private final Path binary;
  private final ServerHome servers;

  RedisHome(Path cache, URL packed) {
    try {
      String name =
          "redis-" + VERSION + "-" + Platform.current().redis() + "-" + JarContent.checksum(packed);
      this.binary =
          CachedFolder.get(cache, name, Privileges.KEPT, folder -> unpack(packed, folder))
              .resolve(BINARY);
    } catch (IOException failure) {
      throw new ServerException("Cannot read " + packed, failure);
    }
    // It has nothing to give back, and would dump its memory at a SIGQUIT.
    this.servers = new ServerHome("redis", Privileges.KEPT, "KILL");
  }

  /** The home of this JVM: a watchdog and a look at the cache are needed once only. */
  static synchronized RedisHome shared() {
    RedisHome home = shared;
    if (home == null) {
      URL packed = find(Platform.current(), RedisHome.class.getClassLoader());
      home = new RedisHome(CacheLocation.find(Privileges.KEPT), packed);
      shared = home;
    }
    return home;
  }

  static URL find(Platform platform, ClassLoader loader) {
    String resource = BINARY + "-" + VERSION + "-" + platform.redis();
    URL packed = loader.getResource(resource);
    if (packed == null) {
      throw new ServerException(
          resource
              + " is not on the class path: add the test dependency org.signal:embedded-redis,"
              + " version 0.9.1");
    }
    return packed;
  }

  String binary() {
    return binary.toString();
  }

  ServerHome servers() {
    return servers;
  }

  private static void unpack(URL packed, Path folder) throws IOException {
    Path target = folder.resolve(BINARY);
    try (InputStream bytes = new BufferedInputStream(packed.openStream(), 1 << 16)) {
      Files.copy(bytes, target);
    }
    if (!target.toFile().setExecutable(true, false)) {
      throw new IOException("Cannot make " + target + " executable");
    }
  }

  @Override
  public String toString() {
    return "RedisHome[" + binary + ", " + servers + "]";
  }
}
