package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is invalidated at the very moment at which something is kept. */
class LocalTierTest {

  private static final long HOUR_NANOS = Duration.ofHours(1).toNanos();

  private final HandTime time = new HandTime();
  private final LocalTags tags = new LocalTags();

  /** Done once, while a value is being put where nothing was, after all that is asked before. */
  private @Nullable Runnable meanwhile;

  private Executor sweeper = Runnable::run;

  private final LocalTier<String, String> tier =
      new LocalTier<>(
          100,
          (key, value) -> {
            Runnable now = meanwhile;
            meanwhile = null;
            if (now != null) {
              now.run();
            }
            return 1;
          },
          new Lifetimes(HOUR_NANOS, HOUR_NANOS, 0, 0, 0, () -> 0.5),
          tags,
          time,
          task -> sweeper.execute(task));

  private Load<String> load() {
    return new Load<>(Standing.alone(time.nanoTime()), tags.now(), null, null);
  }

  private Entry<String> entry(String value) {
    return new Entry<>(value, Standing.alone(time.nanoTime()), time.nanoTime() + HOUR_NANOS, 0);
  }

  private void keep(String key, Entry<String> entry) {
    Load<String> load = load();
    assertThat(tier.reserve(key, load)).isSameAs(load);
    tier.publish(key, load, entry);
    assertThat(tier.find(key)).isSameAs(entry);
  }

  private void asksAfter(Duration pause) {
    time.advance(pause);
    tier.sawTime(time.nanoTime());
  }

  @Test
  void noSweepBeginsWhileAnotherIsUnderWay() {
    Deque<Runnable> sweeps = new ArrayDeque<>();
    sweeper = sweeps::add;
    asksAfter(Duration.ofMinutes(1));
    asksAfter(Duration.ofMinutes(5));
    assertThat(sweeps).hasSize(1);

    sweeps.remove().run();

    asksAfter(Duration.ofSeconds(59));
    assertThat(sweeps).as("from its end").isEmpty();
    asksAfter(Duration.ofSeconds(1));
    assertThat(sweeps).hasSize(1);
  }

  @Test
  void whoAsksIsNoneTheWorseForThereBeingNoThread() {
    AtomicInteger tries = new AtomicInteger();
    for (Runnable failure :
        List.<Runnable>of(
            () -> {
              throw new RejectedExecutionException("full");
            },
            () -> {
              throw new OutOfMemoryError("unable to create native thread");
            })) {
      sweeper =
          task -> {
            tries.incrementAndGet();
            failure.run();
          };
      asksAfter(Duration.ofMinutes(1));
      asksAfter(Duration.ofSeconds(1));
    }
    assertThat(tries).hasValue(2);
  }

  @Test
  void aRemovalThatGoesThroughAllKeysIsNotOutrunByALoad() {
    for (Runnable removal :
        List.<Runnable>of(() -> tier.removeIf(key -> key.equals("a")), tier::clear)) {
      Load<String> load = load();
      assertThat(tier.reserve("a", load)).isSameAs(load);
      meanwhile = removal;

      tier.publish("a", load, entry("old"));

      assertThat(meanwhile).as("it was invalidated").isNull();
      assertThat(tier.find("a")).isNull();
    }
  }

  @Test
  void norByAFill() {
    int stamp = tier.stamp("a");
    meanwhile = () -> tier.removeIf(key -> key.equals("a"));

    assertThat(tier.fill("a", stamp, entry("old"))).isFalse();

    assertThat(tier.find("a")).isNull();
  }

  @Test
  void norByAPut() {
    Load<String> put = load();
    tier.reserveAnew("a", put);
    meanwhile = () -> tier.removeIf(key -> key.equals("a"));

    assertThat(tier.publishOrRemove("a", put, entry("put"))).isFalse();

    assertThat(tier.find("a")).isNull();
  }

  @Test
  void ofAPutThatIsRefusedNothingOlderStays() {
    keep("a", entry("old"));
    Load<String> put = load();
    tier.reserveAnew("a", put);
    tier.forgetLoads();

    assertThat(tier.publishOrRemove("a", put, entry("put"))).isFalse();

    assertThat(tier.find("a")).isNull();
  }

  @Test
  void norWhatALoadHasReadMeanwhile() {
    Load<String> put = load();
    tier.reserveAnew("a", put);
    tier.forgetLoads();
    Load<String> load = load();
    assertThat(tier.reserve("a", load)).isSameAs(load);

    assertThat(tier.publishOrRemove("a", put, entry("put"))).isFalse();
    tier.publish("a", load, entry("read before the put was told"));

    assertThat(tier.find("a")).isNull();
  }

  @Test
  void aPutTakesThePlaceOfWhatWasThereAndOfALoad() {
    keep("a", entry("old"));
    Load<String> load = load();
    assertThat(tier.reserve("a", load)).isSameAs(load);
    Load<String> put = load();
    tier.reserveAnew("a", put);
    Entry<String> entry = entry("put");

    assertThat(tier.publishOrRemove("a", put, entry)).isTrue();
    tier.publish("a", load, entry("old"));

    assertThat(tier.find("a")).isSameAs(entry);
    keep("a", entry("later"));
  }

  private void awaitSwept(long entries) {
    time.advance(Duration.ofMinutes(1));
    tier.sawTime(time.nanoTime());
    Awaitility.await().until(() -> tier.size() == entries);
  }

  @Test
  void whatIsOfNoUseAnyMoreIsSweptOutAndNothingElse() {
    keep("old", entry("old"));
    time.advance(Duration.ofMinutes(30));
    keep("young", entry("young"));
    time.advance(Duration.ofMinutes(30));

    awaitSwept(1);

    assertThat(tier.find("young")).isNotNull();
    assertThat(tier.evictions()).isOne();
  }

  @Test
  void whatHasBeenForgottenIsSweptOutAndWhatMayBeTrustedAgainIsNot() {
    long until = time.nanoTime() + HOUR_NANOS;
    Standing doubted = new Standing(null, Nanos.MOST, time.nanoTime());
    Standing gone = Standing.alone(time.nanoTime());
    keep("doubted", new Entry<>("doubted", doubted, until, 0));
    keep("gone", new Entry<>("gone", gone, until, 0));
    gone.end(time.nanoTime(), true);

    awaitSwept(1);

    assertThat(tier.find("doubted")).isNotNull();
  }
}
