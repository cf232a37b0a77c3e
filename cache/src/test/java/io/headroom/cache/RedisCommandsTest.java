package io.headroom.cache;

import static io.headroom.cache.OneEntry.LEASE;
import static io.headroom.cache.OneEntry.LONG;
import static io.headroom.cache.OneEntry.MARKER;
import static io.headroom.cache.OneEntry.NO_MARKER;
import static io.headroom.cache.OneEntry.done;
import static io.headroom.cache.OneEntry.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.SharedRead.State;
import io.headroom.cache.SharedStore.SyncAnswer;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import io.lettuce.core.ScanIterator;
import io.lettuce.core.SetArgs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the scripts leave in Redis, and what they bear there. */
class RedisCommandsTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static final int LOG = 512;
  private static final int MOST_TAGS = 5;

  private OneEntry entry;

  @BeforeEach
  void begin() {
    redis.get().flush();
    entry = new OneEntry(redis.get().uri(), LOG, MOST_TAGS);
  }

  @AfterEach
  void end() {
    entry.close();
    redis.heal();
  }

  /** Every script, in a life as entries lead it. */
  private void workload() {
    entry.fill(value("here", LONG, "tag"));
    entry.mark(MARKER);
    entry.invalidate("", MARKER, null);
    entry.take(LEASE);
    entry.release(LEASE);
    entry.invalidate("", NO_MARKER, value("put", LONG, "tag"));
    entry.begin("k".repeat(2_000));
    entry.fill(value("of a long key", LONG));
    entry.begin("marked");
    entry.mark(MARKER);
    entry.begin("invalidated");
    entry.invalidate("", NO_MARKER, null);
    entry.begin("leased");
    entry.take(LEASE);
    entry.tag("tag");
    sync();
    entry.begin(Invalidation.Kind.EPOCH);
    entry.tag("tag");
    entry.begin("filled");
    entry.fill(value("here", LONG, "tag"));
  }

  /** All there is; KEYS has another signature in each line of Lettuce. */
  private List<byte[]> names() {
    return ScanIterator.scan(entry.commands()).stream().toList();
  }

  private SyncAnswer sync() {
    return done(entry.store().sync(0, Partition.UNKNOWN));
  }

  @Test
  void nothingIsWrittenWithoutAnExpiry() {
    workload();

    List<byte[]> all = names();
    assertThat(all).hasSizeGreaterThan(6);
    for (byte[] name : all) {
      assertThat(entry.commands().pttl(name)).as(new String(name, UTF_8)).isPositive();
    }
  }

  @Test
  void scriptsSurviveThatTheServerForgetsThem() {
    workload();
    Set<LuaScript> run =
        EnumSet.complementOf(EnumSet.of(LuaScript.ECHO)); // that is the news line's
    for (LuaScript script : run) {
      assertThat(entry.commands().scriptExists(script.digest())).containsExactly(true);
    }

    redis.get().flushScripts();

    workload();
    assertThat(entry.read().value()).asString().isEqualTo("here");
  }

  /** Where nothing was there, all that was filled before is gone; that is nobody's clear. */
  @Test
  void whatBeganSinceNothingWasThereIsNoClear() {
    entry.commands().del(entry.layout().control(0));
    Position begun = sync().at();
    assertThat(sync().cleared()).isZero();
    done(entry.store().begin(0, 7, Invalidation.Kind.EPOCH, "", begun.incarnation(), 0));
    assertThat(sync().before()).isEqualTo(begun);
    assertThat(sync().cleared()).isZero();

    Position cleared = done(entry.store().begin(0, 8, Invalidation.Kind.ALL, "", 0, 0));
    assertThat(sync().cleared()).isEqualTo(cleared.incarnation());
  }

  @Test
  void theLogHasALength() {
    List<CompletableFuture<Position>> sent = new ArrayList<>();
    for (int i = 0; i < LOG + 100; i++) {
      sent.add(entry.store().invalidate(entry.place(), i, "", NO_MARKER, null));
    }
    sent.forEach(OneEntry::done);

    assertThat(entry.commands().llen(entry.layout().log(0))).isEqualTo(LOG);
    Position beginning = new Position(sync().at().incarnation(), 0);
    assertThat(done(entry.store().sync(0, beginning)).records())
        .hasSize(LOG)
        .first()
        .matches(newest -> newest.at().position() == LOG + 100);
  }

  @Test
  void whatIsForgottenOfTagsCountsForAll() {
    entry.fill(value("before", LONG, "quiet"));
    OneEntry.done(entry.store().invalidateTag(0, 1, "first", ""));
    assertThat(entry.read().state()).as("it has another tag").isEqualTo(State.FRESH);

    for (int i = 0; i < MOST_TAGS; i++) {
      entry.tag("tag " + i);
    }

    assertThat(entry.commands().zcard(entry.layout().tags(0))).isEqualTo(MOST_TAGS);
    assertThat(entry.read().state()).as("'first' is forgotten").isEqualTo(State.MISSING);
    entry.fill(value("after", LONG, "quiet"));
    assertThat(entry.read().state()).isEqualTo(State.FRESH);
    for (int i = 0; i < 3 * MOST_TAGS; i++) {
      entry.tag("one and the same");
    }
    assertThat(entry.read().state()).as("one tag, often, forgets none").isEqualTo(State.FRESH);
  }

  @Test
  void oneTagTimeAndAgainVoidsNoOther() {
    entry.tag("busy");
    entry.fill(value("here", LONG, "quiet"));

    entry.tag("busy");
    entry.tag("busy");

    assertThat(entry.read().state()).isEqualTo(State.FRESH);
  }

  /** Redis may evict the tags, which would make fresh what they had voided. */
  @Test
  void withoutItsTagsAPartitionTakesTaggedValuesForVoid() {
    entry.fill(value("void", LONG, "tag"));
    entry.tag("tag");
    entry.commands().del(entry.layout().tags(0));
    assertThat(entry.read().state()).isEqualTo(State.MISSING);

    entry.tag("another");
    assertThat(entry.read().state()).as("nor once there are others").isEqualTo(State.MISSING);

    entry.fill(value("new", LONG, "tag"));
    assertThat(entry.read().state()).isEqualTo(State.FRESH);
  }

  @ParameterizedTest
  @ValueSource(strings = {"control", "log", "tags"})
  void anotherTypeUnderAPartitionsNamesIsMended(String which) {
    entry.fill(value("before", LONG, "tag"));
    entry.tag("other");
    byte[] name =
        switch (which) {
          case "control" -> entry.layout().control(0);
          case "log" -> entry.layout().log(0);
          default -> entry.layout().tags(0);
        };
    for (Runnable use : uses()) {
      entry.commands().set(name, "garbage".getBytes(UTF_8));
      use.run();
    }
    assertThat(entry.read().state()).isNotEqualTo(State.GARBAGE);
    entry.fill(value("after", LONG, "tag"));
    assertThat(entry.read().state()).isEqualTo(State.FRESH);
    entry.tag("tag");
    assertThat(entry.read().state()).isEqualTo(State.MISSING);
  }

  private List<Runnable> uses() {
    return List.of(
        () -> entry.read(),
        () -> entry.take(LEASE),
        () -> entry.fill(LEASE, new Position(1, 1), value("x", LONG, "tag")),
        () -> entry.release(LEASE),
        () -> entry.invalidate("", NO_MARKER, null),
        () -> entry.mark(MARKER),
        () -> entry.invalidate("", MARKER, value("x", LONG, "tag")),
        () -> entry.tag("tag"),
        () -> sync(),
        () -> entry.begin(Invalidation.Kind.EPOCH),
        () -> entry.begin(Invalidation.Kind.ALL));
  }

  @Test
  void garbageInTheControlHashIsBegunAnew() {
    Position before = sync().at();
    String[][] garbage = {
      {"e", "soon"},
      {"e", "0x00000000000000000"},
      {"e", "9999999999999999999"},
      {"s", "-1"},
      {"s", "1e5"},
      {"s", "9".repeat(40)},
      {"f", "x"},
      {"g", "1.5"}
    };
    for (String[] one : garbage) {
      entry.commands().hset(entry.layout().control(0), one[0].getBytes(UTF_8), bytes(one[1]));
      for (Runnable use : uses()) {
        use.run();
      }
      assertThat(sync().at()).as(Arrays.toString(one)).isGreaterThan(before);
      before = sync().at();
    }
    entry.commands().hset(entry.layout().control(0), "p".getBytes(UTF_8), bytes("many"));
    assertThat(sync().partitions()).isOne();
  }

  @Test
  void fieldsThatClaimToLastForEverDoNot() {
    byte[] forEver = new byte[16];
    Arrays.fill(forEver, (byte) 0x7f);
    forEver[1] = (byte) 0xf0; // no number, of which nothing is known, or beyond all bounds
    for (byte last : new byte[] {0, 1, 0x6f}) {
      forEver[1] = last == 0x6f ? (byte) 0xef : (byte) 0xf0;
      Arrays.fill(forEver, 2, 8, last == 0x6f ? (byte) 0xff : last);
      for (String field : new String[] {"l1", "t", "n"}) {
        entry.commands().hset(entry.name(), field.getBytes(UTF_8), forEver);
      }
      assertThat(entry.seen()).isEqualTo("EMPTY");
      entry.mark(MARKER);
      entry.invalidate("", MARKER, null);
      assertThat(entry.seen()).isEqualTo("EMPTY under a tombstone");
    }
    for (int length = 0; length < 20; length++) {
      for (String field : new String[] {"l1", "t", "n", "v1"}) {
        entry.commands().hset(entry.name(), field.getBytes(UTF_8), Arrays.copyOf(forEver, length));
      }
      assertThat(entry.seen()).isEqualTo("EMPTY");
    }
  }

  @Test
  void anInvalidationPassesWhereMemoryIsFullAndAFillDoesNot() {
    entry.fill(value("old", LONG));
    entry.begin("leased");
    Position at = entry.take(LEASE).at();
    redis.get().config("maxmemory-policy", "noeviction");
    redis.get().config("maxmemory", "1");

    assertThat(entry.store().fill(entry.place(), LEASE, at, value("new", LONG)))
        .failsWithin(LONG)
        .withThrowableThat()
        .withMessageContaining("OOM");
    assertThat(entry.read().state()).isEqualTo(State.MISSING);
    assertThat(entry.take(LEASE).lease()).isEqualTo(SharedRead.Lease.REFUSED);

    entry.begin("42");
    Position before = entry.read().at();
    Position after = entry.invalidate("", NO_MARKER, null);
    assertThat(after.position()).isEqualTo(before.position() + 1);
    assertThat(entry.read().state()).isEqualTo(State.MISSING);
    assertThat(entry.read().tombstone()).isNotNull();
    assertThat(entry.invalidate("", NO_MARKER, value("put", LONG))).isGreaterThan(after);
    assertThat(entry.read().state()).as("a put is an invalidation then").isEqualTo(State.MISSING);
    entry.mark(MARKER);
    assertThat(entry.tag("tag")).isGreaterThan(after);
    assertThat(entry.begin(Invalidation.Kind.EPOCH)).isGreaterThan(after);
    assertThat(sync().at()).isGreaterThan(after);
  }

  @Test
  void anEntryTakesLittleMoreThanItsValue() throws Exception {
    byte[] sealed = new Envelope<>(CacheCodec.strings(), 1, null, 1 << 20).seal("x".repeat(200));
    entry.begin("1234567890");
    entry.fill(new SharedValue(sealed, LONG.toMillis(), LONG.toMillis(), 1, List.of()));
    byte[] plain = "profile:1234567890".getBytes(UTF_8);
    entry
        .commands()
        .set(plain, "x".repeat(200).getBytes(UTF_8), SetArgs.Builder.px(LONG.toMillis()));

    long ours = entry.commands().memoryUsage(entry.name());
    long theirs = entry.commands().memoryUsage(plain);

    System.out.printf("bytes of a value of 200: %d here, %d by a plain SET%n", ours, theirs);
    assertThat(ours).isLessThan(2 * theirs);
  }

  private static byte[] bytes(String ascii) {
    return ascii.getBytes(UTF_8);
  }

  @Test
  void allNamesOfAPartitionHaveItsHashTag() {
    workload();
    String tag = new String(entry.layout().control(0), UTF_8);
    SoftAssertions softly = new SoftAssertions();
    for (byte[] name : names()) {
      softly.assertThat(new String(name, UTF_8)).startsWith(tag);
    }
    softly.assertAll();
    assertThat(tag).startsWith("{").endsWith("}");
  }
}
