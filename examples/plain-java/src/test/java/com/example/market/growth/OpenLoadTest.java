package com.example.market.growth;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.market.Answer;
import com.example.market.Market;
import com.example.market.Request;
import com.example.market.Request.Kind;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpenLoadTest {

  /** Lists fail at once, orders wait until somebody interrupts them, pages are served or break. */
  private static final class Partly implements Market {

    /** No load asks for it of itself. */
    static final long BROKEN = -1;

    @Override
    public Answer answer(Request request) throws SQLException {
      return switch (request.kind()) {
        case PAGE -> page(request.stall());
        case ORDER -> throw interrupted();
        default -> throw new SQLException("no such table", "42P01");
      };
    }

    private static Answer page(long stall) {
      if (stall == BROKEN) {
        throw new AssertionError("a page that can't be made");
      }
      return new Answer(200, Optional.of("a page"), Optional.empty(), Optional.empty());
    }

    private static SQLException interrupted() {
      try {
        Thread.sleep(Duration.ofHours(1).toMillis());
        return new SQLException("nobody interrupted");
      } catch (InterruptedException expected) {
        return new SQLException("interrupted", "57014");
      }
    }

    @Override
    public void close() {}
  }

  @Test
  void whatFailsIsCountedAndWhatIsCutOffWhenAllHaveGoneIsNot() throws InterruptedException {
    Map<String, Outcome> outcomes =
        new OpenLoad(new Partly())
            .of("pages", 100, Traffic.pages())
            .of("lists", 100, Traffic.lists())
            .of("broken", 100, random -> new Request(Kind.PAGE, Partly.BROKEN, "Ada", "", ""))
            .of("orders", 50, Traffic.orders())
            .run(System.nanoTime(), Duration.ZERO, Duration.ofMillis(500));
    Outcome lists = Objects.requireNonNull(outcomes.get("lists"));
    assertThat(lists.failures().others()).isPositive();
    assertThat(lists.percentFailed()).isEqualTo(100);
    assertThat(lists.failures().toString())
        .endsWith("java.sql.SQLException: no such table (42P01)");
    Outcome broken = Objects.requireNonNull(outcomes.get("broken"));
    assertThat(broken.percentFailed()).as("errors as well").isEqualTo(100);
    Outcome orders = Objects.requireNonNull(outcomes.get("orders"));
    assertThat(orders.offered()).isPositive();
    assertThat(orders.failures().all()).isZero();
    assertThat(orders.percentLeftWaiting()).isEqualTo(100);
    Outcome pages = Objects.requireNonNull(outcomes.get("pages"));
    assertThat(pages.everServed()).isPositive();
    assertThat(pages.failures().all()).isZero();
  }
}
