package io.headroom.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.cache.SharedStats.Count;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever lies in Redis: it is a miss and is counted, never an error, and goes with the load. */
class SharedGarbageTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static final byte[] VALUE = "v1".getBytes(UTF_8);
  private static final String LONG = "abc".repeat(100);
  private static final int HEADER = 42;
  private static final CacheCompression ZSTD = ZstdCompression.above(100);

  private RedisClient client;
  private RedisCommands<byte[], byte[]> commands;
  private Fleet fleet;

  /** It keeps nothing itself, so that it reads what lies in Redis. */
  private TieredCache<String, String> cache;

  @BeforeEach
  void begin() {
    client = RedisClient.create(redis.get().uri());
    commands = client.connect(ByteArrayCodec.INSTANCE).sync();
    fleet = new Fleet(redis.get());
    fleet.table().putAll(Map.of("a", LONG, "b", "2"));
    cache =
        fleet.process(
            options ->
                options
                    .ttl(Duration.ofMillis(1))
                    .refreshAhead(0)
                    .tags((key, value) -> List.of("letter")),
            shared -> shared.compression(ZSTD).partitions(1));
  }

  @AfterEach
  void end() {
    fleet.close();
    client.shutdown(0, 1, TimeUnit.SECONDS);
  }

  private enum How {
    ALONE,
    AMONG_OTHERS
  }

  private byte[] name(String key) {
    return ("{" + fleet.name() + ":00}:" + key).getBytes(UTF_8);
  }

  private long count(Count what) {
    return cache.stats().shared().count(what);
  }

  /** What lies there once the key was loaded. */
  private byte[] loaded() {
    OneEntry.soon().until(() -> LONG.equals(cache.get("a")) && commands.hexists(name("a"), VALUE));
    return commands.hget(name("a"), VALUE);
  }

  private void read(How how) {
    OneEntry.soon().until(() -> cache.getIfPresent("a") == null);
    if (how == How.ALONE) {
      assertThat(cache.get("a")).isEqualTo(LONG);
    } else {
      assertThat(cache.getAll(List.of("a", "b"))).isEqualTo(Map.of("a", LONG, "b", "2"));
    }
  }

  private void isAMissAndHeals(byte[] garbage, How how, String what) {
    commands.hset(name("a"), VALUE, garbage);
    long undecodable = count(Count.UNDECODABLE);
    int loads = fleet.loads();

    read(how);

    assertThat(count(Count.UNDECODABLE)).as(what).isGreaterThan(undecodable);
    assertThat(fleet.loads()).as(what).isGreaterThan(loads);
    OneEntry.soon()
        .alias(what + " is replaced")
        .until(() -> !Arrays.equals(commands.hget(name("a"), VALUE), garbage));
    long shared = cache.stats().served(Served.SHARED);
    read(How.ALONE);
    assertThat(cache.stats().served(Served.SHARED)).as(what).isGreaterThan(shared);
    assertThat(cache.stats().served(Served.FAILED)).as(what).isZero();
    assertThat(count(Count.FAILURES)).as(what).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void randomBytes(How how) {
    byte[] good = loaded();
    Random random = new Random(1);
    for (int i = 0; i < 60; i++) {
      byte[] noise = new byte[i * i / 10];
      random.nextBytes(noise);
      isAMissAndHeals(noise, how, noise.length + " random bytes");
      byte[] behindOurHeader = Arrays.copyOf(good, HEADER + noise.length);
      System.arraycopy(noise, 0, behindOurHeader, HEADER, noise.length);
      isAMissAndHeals(behindOurHeader, how, noise.length + " random bytes behind a header");
    }
  }

  @ParameterizedTest
  @EnumSource
  void truncatedValues(How how) {
    byte[] good = loaded();
    for (int length = 0; length < good.length; length++) {
      isAMissAndHeals(Arrays.copyOf(good, length), how, "cut to " + length);
    }
  }

  /** Behind the header each is a miss; in it some bits change no more than how long it is fresh. */
  @ParameterizedTest
  @EnumSource
  void flippedBits(How how) {
    byte[] good = loaded();
    for (int bit = 0; bit < 8 * good.length; bit++) {
      byte[] flipped = good.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      if (bit / 8 >= HEADER + "letter\0".length()) {
        isAMissAndHeals(flipped, how, "bit " + bit);
      } else {
        commands.hset(name("a"), VALUE, flipped);
        read(how);
      }
    }
    assertThat(cache.stats().served(Served.FAILED)).isZero();
    assertThat(count(Count.FAILURES)).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void otherFormatsSchemasAndCodecs(How how) throws Exception {
    byte[] good = loaded();
    int from = HEADER + "letter\0".length();
    for (int format : new int[] {0, 2, 255}) {
      byte[] sealed = Arrays.copyOfRange(good, from, good.length);
      sealed[1] = (byte) format;
      byte[] forged = EnvelopeTest.forged(sealed, sealed[3], LONG.length());
      isAMissAndHeals(joined(good, from, forged), how, "envelope of format " + format);
    }
    byte[] schema = new Envelope<>(CacheCodec.strings(), 2, null, 1_000).seal("2");
    isAMissAndHeals(joined(good, from, schema), how, "another schema");
    byte[] codec = new Envelope<>(CacheCodec.bytes(), 1, null, 1_000).seal(new byte[3]);
    isAMissAndHeals(joined(good, from, codec), how, "another codec");
  }

  @ParameterizedTest
  @EnumSource
  void bombs(How how) {
    byte[] good = loaded();
    int from = HEADER + "letter\0".length();
    for (int claim : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 1 << 30, 1 << 20}) {
      byte[] sealed = Arrays.copyOfRange(good, from, good.length);
      assertThat(sealed[3]).as("it is compressed").isEqualTo((byte) 1);
      byte[] bomb = joined(good, from, EnvelopeTest.forged(sealed, 1, claim));
      isAMissAndHeals(bomb, how, "claims " + claim + " bytes");
    }
  }

  private static byte[] joined(byte[] header, int length, byte[] sealed) {
    byte[] all = Arrays.copyOf(header, length + sealed.length);
    System.arraycopy(sealed, 0, all, length, sealed.length);
    return all;
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "log", "tags", ":a"})
  void otherTypesUnderOurNames(String rest) {
    byte[] name = ("{" + fleet.name() + ":00}" + rest).getBytes(UTF_8);
    List<Consumer<TieredCache<String, String>>> uses =
        List.of(
            one -> one.get("a"),
            one -> one.getAll(List.of("a", "b")),
            one -> one.put("b", "2"),
            one -> one.invalidate("a"),
            one -> one.invalidateTag("letter"),
            one -> one.invalidateAll());
    for (Consumer<TieredCache<String, String>> use : uses) {
      loaded();
      commands.set(name, "garbage".getBytes(UTF_8));

      use.accept(cache);

      assertThat(cache.stats().served(Served.FAILED)).isZero();
      long shared = cache.stats().served(Served.SHARED);
      OneEntry.soon()
          .untilAsserted(
              () -> {
                read(How.AMONG_OTHERS);
                assertThat(cache.stats().served(Served.SHARED)).isGreaterThan(shared);
              });
      OneEntry.soon().until(() -> cache.stats().shared().invalidationsOpen() == 0);
    }
  }

  @Test
  void garbageOnTheChannel() {
    TieredCache<String, String> other =
        fleet.process(options -> options, shared -> shared.compression(ZSTD).partitions(1));
    assertThat(other.get("a")).isEqualTo(LONG);
    Random random = new Random(2);
    byte[] channel = ("headroom:" + fleet.name()).getBytes(UTF_8);
    long before = other.stats().shared().count(Count.UNDECODABLE);

    for (int length = 0; length < 45; length++) {
      byte[] noise = new byte[length];
      random.nextBytes(noise);
      commands.publish(channel, noise);
    }

    OneEntry.soon().until(() -> other.stats().shared().count(Count.UNDECODABLE) == before + 45);
    fleet.table().put("a", "new");
    cache.invalidate("a");
    OneEntry.soon().until(() -> "new".equals(other.get("a")));
  }
}
