package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AudienceTest {

  private static final Logger LOGGER = (Logger) LoggerFactory.getLogger(AudienceTest.class);

  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final List<String> heard = new ArrayList<>();

  @BeforeEach
  void listen() {
    LOGGER.setLevel(Level.DEBUG);
    LOGGER.setAdditive(false);
    log.start();
    LOGGER.addAppender(log);
  }

  @AfterEach
  void leave() {
    LOGGER.detachAppender(log);
    LOGGER.setAdditive(true);
    LOGGER.setLevel(null);
  }

  private static Audience<Runnable> of(Runnable... listeners) {
    return Audience.of(AudienceTest.class, "cache 'profiles'", List.of(listeners));
  }

  @Test
  void allAreToldInTheirOrderUntilTheyLeave() {
    Audience<Runnable> audience = of(() -> heard.add("first"));
    Runnable second = () -> heard.add("second");
    audience.add(second);
    audience.tell(Runnable::run);
    audience.remove(second);
    audience.tell(Runnable::run);
    assertThat(heard).containsExactly("first", "second", "first");
    assertThat(audience.isEmpty()).isFalse();
    assertThat(of().isEmpty()).isTrue();
  }

  @Test
  void whatOneThrowsReachesNobodyElse() {
    Audience<Runnable> audience =
        of(
            () -> {
              throw new IllegalStateException("on purpose");
            },
            () -> {
              throw new LinkageError("on purpose");
            },
            () -> heard.add("told"));
    audience.tell(Runnable::run);
    assertThat(heard).containsExactly("told");
  }

  @Test
  void eachClassIsWarnedOfOnce() {
    Audience<Runnable> audience = of(new Failing(), new Failing(), () -> {});
    for (int call = 0; call < 3; call++) {
      audience.tell(Runnable::run);
    }
    assertThat(log.list)
        .extracting(ILoggingEvent::getLevel)
        .hasSize(6)
        .containsOnlyOnce(Level.WARN);
    assertThat(log.list.get(0).getFormattedMessage())
        .isEqualTo(
            "cache 'profiles': listener io.headroom.AudienceTest$Failing threw, which changes"
                + " nothing else; further failures of its class are logged as DEBUG");
    assertThat(log.list.get(0).getThrowableProxy().getMessage()).isEqualTo("on purpose");
  }

  private static final class Failing implements Runnable {

    @Override
    public void run() {
      throw new IllegalStateException("on purpose");
    }
  }
}
