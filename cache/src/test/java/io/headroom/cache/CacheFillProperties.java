package io.headroom.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/**
 * Whatever the order in which callers read for themselves and keep what they read, and others
 * write: what was read before an invalidation is never there after it.
 */
@SuppressWarnings("try") // scopes are opened for their effect
class CacheFillProperties {

  /** What may happen next. */
  enum Step {
    READ,
    FIRST_KEEPS,
    LAST_KEEPS,
    WRITE,
    INVALIDATE,
    INVALIDATE_EVERYTHING,
    PUT
  }

  /** What somebody has read and not kept yet. */
  private record Read(CacheFill<String, Long> fill, long value) {}

  private final HandTime time = new HandTime();
  private final TieredCache<String, Long> cache =
      TieredCache.<String, Long>builder("register", key -> null)
          .ttl(Duration.ofMinutes(1))
          .ttlJitter(0)
          .time(time)
          .build();
  private final Deque<Read> reads = new ArrayDeque<>();
  private long register;
  private long invalidated;

  @Property
  void nothingIsThereThatWasReadBeforeAnInvalidation(@ForAll @Size(max = 40) List<Step> steps) {
    CacheFillProperties run = new CacheFillProperties();
    for (Step step : steps) {
      run.take(step);
      Long there = run.cache.getIfPresent("key");
      if (there != null) {
        assertThat(there).isGreaterThanOrEqualTo(run.invalidated);
      }
    }
  }

  private void take(Step step) {
    switch (step) {
      case READ -> reads.add(new Read(cache.fill("key"), register));
      case FIRST_KEEPS -> keep(reads.pollFirst());
      case LAST_KEEPS -> keep(reads.pollLast());
      case WRITE -> register++;
      case INVALIDATE -> {
        cache.invalidate("key");
        invalidated = register;
      }
      case INVALIDATE_EVERYTHING -> {
        cache.invalidateAll();
        invalidated = register;
      }
      case PUT -> {
        cache.put("key", ++register);
        invalidated = register;
      }
    }
  }

  private void keep(Read read) {
    if (read != null) {
      boolean open = read.fill().isOpen();
      assertThat(read.fill().keep(read.value())).isEqualTo(open);
    }
  }

  @Example
  void whatNobodyChangedIsKept() {
    assertThat(cache.fill("key").keep(1L)).isTrue();

    assertThat(cache.getIfPresent("key")).isEqualTo(1);
  }

  @Example
  void itIsFreshAsFromTheBeginningOfTheRead() {
    CacheFill<String, Long> fill = cache.fill("key");
    time.advance(Duration.ofSeconds(59));
    fill.keep(1L);

    assertThat(cache.getIfPresent("key")).isEqualTo(1);
    time.advance(Duration.ofSeconds(1));
    assertThat(cache.getIfPresent("key")).isNull();
  }

  @Example
  void nothingIsKeptOfWhatAWriteTransactionReads() {
    try (RequestContext.Scope scope = RequestContext.builder().build().attach()) {
      CacheFill<String, Long> before = cache.fill("key");
      RequestContext.current().writeTransactionOpened();
      CacheFill<String, Long> inside = cache.fill("key");

      assertThat(before.keep(1L)).as("kept inside").isFalse();
      assertThat(inside.isOpen()).isFalse();

      RequestContext.current().writeTransactionClosed();
      assertThat(inside.keep(1L)).as("read inside").isFalse();
      assertThat(before.keep(1L)).isTrue();
    }
  }
}
