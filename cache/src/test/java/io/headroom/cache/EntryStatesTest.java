package io.headroom.cache;

import static io.headroom.cache.OneEntry.LEASE;
import static io.headroom.cache.OneEntry.LONG;
import static io.headroom.cache.OneEntry.MARKER;
import static io.headroom.cache.OneEntry.NO_MARKER;
import static io.headroom.cache.OneEntry.OTHER_LEASE;
import static io.headroom.cache.OneEntry.OTHER_MARKER;
import static io.headroom.cache.OneEntry.SHORT;
import static io.headroom.cache.OneEntry.TAG;
import static io.headroom.cache.OneEntry.done;
import static io.headroom.cache.OneEntry.value;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken;
import io.headroom.ConsistencyToken.Position;
import io.headroom.cache.Invalidation.Kind;
import io.headroom.cache.SharedRead.State;
import io.headroom.cache.StateTable.Transition;
import io.headroom.testkit.servers.RedisExtension;
import io.headroom.testkit.servers.RedisServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of the README's table, without a tombstone and under one. */
class EntryStatesTest {

  @RegisterExtension static final RedisExtension<RedisServer> redis = RedisExtension.single();

  private static final ConsistencyToken TOKEN = ConsistencyToken.of("orders", 1, 77);
  private static final Duration INSTANT = Duration.ofMillis(1);

  private static final AtomicInteger KEYS = new AtomicInteger();

  private static OneEntry entry;

  /** Where the partition stood when the lease was taken. */
  private Position leasedAt;

  @BeforeAll
  static void connect() {
    entry = new OneEntry(redis.get().uri());
  }

  @AfterAll
  static void disconnect() {
    entry.close();
  }

  @BeforeEach
  void begin() {
    entry.begin("key " + KEYS.incrementAndGet());
    entry.forgetTombstonesOfAll();
  }

  /** How what is stale has become so. */
  private enum Staleness {
    EXPIRED,
    OLDER_EPOCH
  }

  static Stream<Arguments> cells() throws IOException {
    List<Arguments> all = new ArrayList<>();
    for (Transition cell : StateTable.ofReadme()) {
      boolean isStale = cell.from().matches(".*STALE|RELOADING");
      for (Staleness staleness : Staleness.values()) {
        boolean isPossible = staleness == Staleness.EXPIRED || (isStale && !isTagged(cell));
        if (isPossible && !isTimed(cell)) {
          all.add(Arguments.of(cell, false, staleness));
          all.add(Arguments.of(cell, true, staleness));
        }
      }
    }
    return all.stream();
  }

  static Stream<Transition> timedCells() throws IOException {
    return StateTable.ofReadme().stream().filter(EntryStatesTest::isTimed);
  }

  private static boolean isTimed(Transition cell) {
    return cell.event().endsWith("is over") || cell.event().endsWith("no more");
  }

  private static boolean isTagged(Transition cell) {
    return cell.event().endsWith("tag is invalidated") || cell.event().endsWith("has tags");
  }

  @ParameterizedTest(name = "{0}, under a tombstone: {1}, {2}")
  @MethodSource("cells")
  void aCellIsWhatHappens(Transition cell, boolean underTombstone, Staleness staleness) {
    if (underTombstone) {
      entry.invalidate("", NO_MARKER, null);
    }
    String[] tags = isTagged(cell) ? new String[] {TAG} : new String[0];
    build(cell.from(), staleness, tags);
    assertThat(entry.seen()).as("before").isEqualTo(named(cell.from(), underTombstone));
    aLookIsRight(cell.from(), tags);

    String answer = happens(cell);

    assertThat(answer).as("answer").isEqualTo(cell.answer());
    boolean isStillThere = underTombstone && !cell.event().endsWith("another type");
    assertThat(entry.seen())
        .as("after")
        .isEqualTo(named(cell.to(), cell.tombstone() || isStillThere));
    if (!cell.event().equals("put")) { // without tags
      aLookIsRight(cell.to(), tags);
    }
  }

  /** Where it says anything at all, it says what the script does. */
  private static void aLookIsRight(String state, String... tags) {
    SharedRead read = entry.read();
    SharedRead look = entry.peek(read.at());
    boolean isFresh = state.equals("FILLED") || state.equals("REFRESHING");
    if (!isFresh || tags.length > 0) {
      assertThat(look).isSameAs(SharedRead.NO_USE);
      return;
    }
    assertThat(look.state()).isEqualTo(SharedRead.State.FRESH);
    assertThat(look.value()).isEqualTo(read.value());
    assertThat(look.since()).isEqualTo(read.since());
    assertThat(look.costMicros()).isEqualTo(read.costMicros());
    assertThat(look.freshMillis()).isCloseTo(read.freshMillis(), Offset.offset(60_000L));
    assertThat(entry.peek(new Position(read.at().incarnation() + 1, 0)))
        .as("in another epoch")
        .isSameAs(SharedRead.NO_USE);
  }

  private static String named(String state, boolean underTombstone) {
    return state + (underTombstone ? " under a tombstone" : "");
  }

  private void build(String state, Staleness staleness, String... tags) {
    leasedAt = entry.read().at();
    if (state.contains("FILLED") || state.equals("REFRESHING")) {
      entry.fill(value("here", LONG, tags));
    } else if (state.contains("STALE") || state.equals("RELOADING")) {
      if (staleness == Staleness.EXPIRED) {
        entry.fill(value("here", INSTANT, tags));
      } else {
        entry.fill(value("here", LONG, tags));
        entry.begin(Kind.EPOCH);
      }
      entry.awaitState(State.STALE);
    }
    boolean isMarked = state.startsWith("MARKED");
    if (isMarked || state.endsWith("ING") || state.equals("LEASED")) {
      leasedAt = entry.take(LEASE).at();
    }
    if (isMarked) {
      entry.mark(MARKER); // which the lease of before must not outlast
    }
  }

  private String happens(Transition cell) {
    return switch (cell.event()) {
      case "read" -> {
        SharedRead read = entry.read();
        assertThat(read.value() == null)
            .isEqualTo(!cell.from().matches(".*(FILLED|STALE|RE.*ING)"));
        yield null;
      }
      case "read with a wish" -> lease(entry.read(OTHER_LEASE, 0));
      case "read with a wish, and XFetch's draw hits" ->
          lease(entry.read(OTHER_LEASE, OneEntry.EAGER));
      case "read with a wish in any case" -> lease(entry.take(OTHER_LEASE));
      case "fill with the lease" -> filled(LEASE, value("new", LONG));
      case "fill with another lease" -> filled(OTHER_LEASE, value("new", LONG));
      case "fill, after its tag was invalidated" -> {
        entry.tag(TAG);
        yield filled(LEASE, value("new", LONG, "other", TAG));
      }
      case "fill, after a new epoch" -> {
        entry.begin(Kind.EPOCH);
        yield filled(LEASE, value("new", LONG));
      }
      case "garbage as its value" -> {
        entry.commands().hset(entry.name(), "v1".getBytes(UTF_8), "garbage".getBytes(UTF_8));
        yield state(entry.read());
      }
      case "a Redis value of another type" -> {
        entry.commands().set(entry.name(), "garbage".getBytes(UTF_8));
        yield state(entry.read());
      }
      default -> {
        happensWithoutAnswer(cell.event());
        yield null;
      }
    };
  }

  @Test
  void tombstonesOfSeveralWritersAreSeenTogether() {
    ConsistencyToken other =
        ConsistencyToken.of("orders", 1, 99).merge(ConsistencyToken.of("users", 2, 5));
    entry.invalidate(other.toString(), NO_MARKER, null);
    entry.invalidate(TOKEN.toString(), NO_MARKER, null);
    assertThat(entry.read().tombstone())
        .as("the later one tells of less")
        .isEqualTo(TOKEN.merge(other));

    for (int i = 0; i < 8; i++) {
      entry.invalidate(ConsistencyToken.of("orders", 1, i).toString(), NO_MARKER, null);
    }
    assertThat(entry.read().tombstone()).as("too many").isEqualTo(SharedRead.WRITER_UNKNOWN);
    assertThat(SharedRead.WRITER_UNKNOWN).isEqualTo(ConsistencyToken.NONE);
  }

  private void happensWithoutAnswer(String event) {
    switch (event) {
      case "release the lease" -> entry.release(LEASE);
      case "release another lease" -> entry.release(OTHER_LEASE);
      case "invalidate" -> entry.invalidate("", NO_MARKER, null);
      case "invalidate with a token" -> {
        boolean wasUnknown = entry.read().tombstone() != null; // as the one before it here is
        entry.invalidate(TOKEN.toString(), NO_MARKER, null);
        assertThat(entry.read().tombstone())
            .isEqualTo(wasUnknown ? SharedRead.WRITER_UNKNOWN : TOKEN);
      }
      case "invalidate with another marker" -> entry.invalidate("", OTHER_MARKER, null);
      case "invalidate with the marker" -> entry.invalidate("", MARKER, null);
      case "put" -> entry.invalidate("", NO_MARKER, value("put", LONG));
      case "mark" -> entry.mark(OTHER_MARKER);
      case "its tag is invalidated" -> entry.tag(TAG);
      case "another tag is invalidated" -> entry.tag("another " + TAG);
      case "new epoch", "new epoch, and the value has tags" -> entry.begin(Kind.EPOCH);
      case "new epoch: all keys gone" -> entry.begin(Kind.ALL);
      default -> throw new IllegalStateException("'" + event + "' is not tested");
    }
  }

  private String filled(byte[] lease, SharedValue value) {
    boolean isKept = entry.fill(lease, leasedAt, value);
    if (isKept) {
      SharedRead read = entry.read();
      assertThat(read.value()).isEqualTo(value.bytes());
      assertThat(read.costMicros()).isEqualTo(value.costMicros());
      assertThat(read.since()).isEqualTo(leasedAt.position());
    }
    return isKept ? "kept" : "refused";
  }

  private static String lease(SharedRead read) {
    return read.lease().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String state(SharedRead read) {
    return read.state().name().toLowerCase(Locale.ROOT);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("timedCells")
  void aCellIsWhatTimeBrings(Transition cell) {
    String from = cell.from();
    switch (cell.event()) {
      case "the lease's time is over" -> {
        build(
            from.equals("REFRESHING") ? "FILLED" : from.equals("LEASED") ? "EMPTY" : "STALE",
            Staleness.EXPIRED);
        SharedRead taken =
            done(entry.store(SHORT, LONG, LONG).read(entry.place(), LEASE, SharedStore.ANY_CASE));
        assertThat(taken.lease()).isEqualTo(SharedRead.Lease.TAKEN);
      }
      case "the value is fresh no more" -> {
        entry.fill(value("here", SHORT));
        if (from.equals("REFRESHING")) {
          entry.take(LEASE);
        } else if (from.startsWith("MARKED")) {
          entry.mark(MARKER);
        }
      }
      case "the value's time is over" -> {
        long fresh = from.equals("FILLED") ? SHORT.toMillis() : 1;
        SharedValue brief =
            new SharedValue("x".getBytes(UTF_8), fresh, SHORT.toMillis(), 1, List.of());
        done(entry.store(SHORT, SHORT, SHORT).invalidate(entry.place(), 1, "", NO_MARKER, brief));
        // By a plain command: a reader's lease would keep it longer.
        OneEntry.soon().until(() -> entry.commands().exists(entry.name()) == 0);
      }
      case "the marker's time is over" -> {
        build(from.replaceFirst("MARKED ?", "").replaceFirst("^$", "EMPTY"), Staleness.EXPIRED);
        done(entry.store(LONG, LONG, SHORT).mark(entry.place(), MARKER));
      }
      case "the tombstone's time is over" -> {
        done(entry.store(LONG, SHORT, LONG).invalidate(entry.place(), 1, "", NO_MARKER, null));
        build(from, Staleness.EXPIRED);
      }
      default -> throw new IllegalStateException("'" + cell.event() + "' is not tested");
    }
    OneEntry.soon().untilAsserted(() -> assertThat(entry.seen()).isEqualTo(cell.to()));
  }

  @Test
  void aLeaseWhoseTimeIsOverFillsStillUnlessSomebodyTookItOrSomethingHappened() {
    Position at = done(entry.store(SHORT, LONG, LONG).read(entry.place(), LEASE, 0)).at();
    entry.commands().persist(entry.name()); // so that time takes the lease alone
    OneEntry.soon().until(() -> entry.seen().equals("EMPTY"));
    assertThat(entry.fill(LEASE, at, value("late", LONG))).as("the probe took it").isFalse();

    entry.take(LEASE);
    entry.take(OTHER_LEASE);
    assertThat(entry.fill(OTHER_LEASE, at, value("late", LONG))).as("it was held").isFalse();
    assertThat(entry.fill(LEASE, at, value("in time", LONG))).isTrue();
  }

  @Test
  void aMarkersEndTakesTheValueAlongButNotALongerTombstone() {
    entry.invalidate(TOKEN.toString(), NO_MARKER, null);
    entry.fill(value("old", LONG));

    done(entry.store(LONG, LONG, SHORT).mark(entry.place(), MARKER));

    OneEntry.soon()
        .untilAsserted(() -> assertThat(entry.seen()).isEqualTo("EMPTY under a tombstone"));
    assertThat(entry.read().tombstone()).isEqualTo(TOKEN);
  }

  /** In the millisecond of its end the key is still there, and a reader's lease would keep it. */
  @Test
  void noReaderKeepsWhatGoesWithAMarker() {
    byte[] ended = ByteBuffer.allocate(16).putDouble(1).put(MARKER).array();
    byte[] field = "n".getBytes(UTF_8);
    entry.invalidate(TOKEN.toString(), NO_MARKER, null);
    entry.fill(value("old", LONG));
    Position at = entry.take(LEASE).at();
    entry.commands().hset(entry.name(), field, ended);
    assertThat(entry.fill(LEASE, at, value("of before", LONG))).isFalse();
    assertThat(entry.seen()).isEqualTo("EMPTY under a tombstone");
    assertThat(entry.commands().hexists(entry.name(), field)).isFalse();

    entry.fill(value("old", LONG));
    entry.commands().hset(entry.name(), field, ended);
    entry.mark(MARKER);
    assertThat(entry.seen()).isEqualTo("MARKED under a tombstone");
    assertThat(entry.commands().pttl(entry.name())).isPositive();
  }

  @Test
  void aLaterMarkerDoesNotShortenAnEarlierOne() {
    entry.mark(MARKER);
    done(entry.store(LONG, LONG, SHORT).mark(entry.place(), OTHER_MARKER));
    assertThat(entry.commands().pttl(entry.name())).isGreaterThan(LONG.toMillis() / 2);

    entry.invalidate("", OTHER_MARKER, null);

    assertThat(entry.seen()).isEqualTo("MARKED under a tombstone");
    entry.invalidate("", MARKER, null);
    assertThat(entry.seen()).isEqualTo("EMPTY under a tombstone");
  }

  @Test
  void schemaVersionsLieSideBySide() {
    entry.fill(value("of version 1", LONG));
    RedisStore other = entry.store(2);
    SharedRead read = done(other.read(entry.place(), LEASE, 0));
    assertThat(read.state()).isEqualTo(State.MISSING);
    assertThat(done(other.fill(entry.place(), LEASE, read.at(), value("of version 2", LONG))))
        .isTrue();
    assertThat(entry.read().value()).asString().isEqualTo("of version 1");

    entry.invalidate("", NO_MARKER, null);

    assertThat(done(other.read(entry.place(), SharedStore.NO_LEASE, 0)).state())
        .isEqualTo(State.MISSING);
  }
}
