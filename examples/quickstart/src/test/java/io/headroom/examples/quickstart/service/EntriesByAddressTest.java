package io.headroom.examples.quickstart.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ratelimit.Limit;
import io.headroom.ratelimit.RateLimiter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What comes of an address counts for it, and for all. */
class EntriesByAddressTest {

  private final EntriesByAddress entries = new EntriesByAddress();
  private final RateLimiter<String> limiter =
      RateLimiter.<String>builder("door")
          .policy("address", Limit.of(2, Duration.ofHours(1)), address -> address)
          .listener(entries)
          .build();

  @Test
  void eachHasItsOwn() {
    for (int i = 0; i < 3; i++) {
      ask("10.0.0.1");
    }
    ask("10.0.0.2");
    assertThat(entries.of("10.0.0.1")).isEqualTo(new Entries(3, 2, 0, 0));
    assertThat(entries.of("10.0.0.2")).isEqualTo(new Entries(1, 1, 0, 0));
    assertThat(entries.of("10.0.0.3")).isEqualTo(Entries.NONE);
    assertThat(entries.all()).isEqualTo(new Entries(4, 3, 0, 0));
  }

  @Test
  void whoKeepsAskingIsNotForgotten() {
    ask("10.0.0.1");
    ask("10.0.0.2");
    for (int i = 0; i < EntriesByAddress.MOST; i++) {
      ask("172." + (16 + (i >> 16)) + "." + (i >> 8 & 255) + "." + (i & 255));
      if (i == EntriesByAddress.MOST / 2) {
        ask("10.0.0.1");
      }
    }
    assertThat(entries.of("10.0.0.1")).isEqualTo(new Entries(2, 2, 0, 0));
    assertThat(entries.of("10.0.0.2")).isEqualTo(Entries.NONE);
    assertThat(entries.all().asked()).isEqualTo(EntriesByAddress.MOST + 3L);
  }

  private void ask(String address) {
    var unused = limiter.tryAcquire(entries.asks(address));
  }
}
