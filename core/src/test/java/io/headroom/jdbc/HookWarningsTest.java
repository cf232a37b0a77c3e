package io.headroom.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Hooks that throw where they must not are warned of, and never by the thousand. */
class HookWarningsTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger(LazyConnection.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final StubDriver driver = new StubDriver();

  @BeforeEach
  void listen() {
    log.start();
    logger.setLevel(Level.DEBUG);
    logger.setAdditive(false);
    logger.addAppender(log);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(log);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  private static final class Bad implements ConnectionHooks {
    @Override
    public void onClose() {
      throw new IllegalStateException("on purpose");
    }
  }

  private static final class AlsoBad implements ConnectionHooks {
    @Override
    public void afterCommit(Connection physical) {
      throw new IllegalStateException("on purpose");
    }

    @Override
    public void onClose() {
      throw new IllegalStateException("on purpose");
    }
  }

  private List<String> warnings() {
    return log.list.stream()
        .filter(event -> event.getLevel() == Level.WARN)
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private static void use(ConnectionSource source) throws SQLException {
    try (LazyConnection connection = LazyConnection.open(source)) {
      connection.createStatement().execute("INSERT");
    }
  }

  @Test
  void aSourceThatIsALambdaMadeForEachCallWarnsOnce() throws SQLException {
    for (int i = 0; i < 50; i++) {
      use(request -> driver.bind(request).within(new Bad()));
    }
    assertThat(warnings())
        .containsExactly(
            "Connection hook "
                + Bad.class.getName()
                + " threw from onClose, where it must not; the call went on without it. Further"
                + " failures of this class are logged as DEBUG");
    assertThat(log.list).hasSize(50);
  }

  @Test
  void eachClassOfHooksHasItsOwnWarningThoughTheyAreComposed() throws SQLException {
    ConnectionHooks first = new Bad();
    LazyDataSource source =
        new LazyDataSource() {
          @Override
          public Binding bind(BindRequest request) throws SQLException {
            return driver.bind(request).within(first).within(new AlsoBad());
          }
        };
    for (int i = 0; i < 3; i++) {
      try (Connection connection = source.getConnection()) {
        connection.createStatement().execute("INSERT");
      }
    }
    // of two that throw from one call the outer one's exception is what is left
    assertThat(warnings()).hasSize(1).first().asString().contains(AlsoBad.class.getName());
  }

  @Test
  void aConnectionGivenBackUnusedTellsItsHooksAndThrowsNothing() throws SQLException {
    Binding binding = driver.bind(BindRequest.of(false, true)).within(new AlsoBad());
    binding.giveBack();
    assertThat(driver.closes).hasSize(1);
    assertThat(log.list).hasSize(1);
  }
}
