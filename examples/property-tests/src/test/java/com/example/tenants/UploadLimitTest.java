package com.example.tenants;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ratelimit.Decision;
import io.headroom.testkit.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The project's own limit, by a clock that stands still until the test moves it. */
class UploadLimitTest {

  private static final int BURST = 10;

  // snippet: upload-limit-test
  @Test
  void whoComesBackWhenToldIsAdmittedAndNotANanosecondSooner() {
    ManualTime time = ManualTime.create();
    UploadLimit limit = new UploadLimit(time);
    Document document = new Document("acme", 1);
    for (int i = 0; i < BURST; i++) {
      assertThat(limit.ask(document).allowed()).isTrue();
    }
    Decision refused = limit.ask(document);
    assertThat(refused.retryAfter()).isEqualTo(Duration.ofMillis(200));

    time.advance(refused.retryAfter().minusNanos(1));
    assertThat(limit.ask(document).allowed()).isFalse();
    time.advance(Duration.ofNanos(1));
    assertThat(limit.ask(document).allowed()).isTrue();
  }

  // end snippet

  @Test
  void aTenantIsOneHoweverItsNameIsSpelledAndOthersDoNotNotice() {
    UploadLimit limit = new UploadLimit(ManualTime.create());
    for (int i = 0; i < BURST; i++) {
      assertThat(limit.ask(new Document(i % 2 == 0 ? "acme" : "Acme", i)).allowed()).isTrue();
    }
    assertThat(limit.ask(new Document("ACME", 1)).allowed()).isFalse();
    assertThat(limit.ask(new Document("other", 1)).allowed()).isTrue();
  }

  /** Between any two admissions, whatever the pauses: the burst, and five for each second. */
  @Property
  void inAnyTimeATenantGetsItsBurstAndWhatFlowsInMeanwhile(
      @ForAll @Size(max = 200) List<@IntRange(max = 500) Integer> pausesMillis) {
    ManualTime time = ManualTime.create();
    UploadLimit limit = new UploadLimit(time);
    List<Long> admitted = new ArrayList<>();
    long now = 0;
    for (int pause : pausesMillis) {
      time.advance(Duration.ofMillis(pause));
      now += pause;
      if (limit.ask(new Document("acme", now)).allowed()) {
        admitted.add(now);
      }
    }
    for (int from = 0; from < admitted.size(); from++) {
      for (int to = from; to < admitted.size(); to++) {
        long millis = admitted.get(to) - admitted.get(from);
        assertThat(to - from + 1L).isLessThanOrEqualTo(BURST + millis / 200);
      }
    }
  }
}
