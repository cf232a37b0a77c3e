package com.example.market;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class HttpFrontTest {

  private static final Logger LOG = (Logger) LoggerFactory.getLogger(HttpFront.class);

  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    LOG.addAppender(lines);
  }

  @AfterEach
  void listenNoMore() {
    LOG.detachAppender(lines);
  }

  /** A stage whose database is of no use. */
  private static final class Broken implements Market {

    @Override
    public Answer answer(Request request) throws SQLException {
      throw new SQLException("no such table", "42P01");
    }

    @Override
    public void close() {}
  }

  @Test
  void anErrorIsAnsweredWith500AndLogged() {
    try (HttpFront front = new HttpFront(new Broken())) {
      assertThat(new Visitor(front, "Ada").get("/stalls/7").statusCode()).isEqualTo(500);
    }
    assertThat(lines.list)
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.getFormattedMessage()).isEqualTo("GET /stalls/7 failed");
              assertThat(line.getThrowableProxy().getMessage()).isEqualTo("no such table");
            });
  }

  @Test
  void whatIsNotThereIsNoError() {
    try (HttpFront front = new HttpFront(new Broken())) {
      assertThat(new Visitor(front, "Ada").get("/elsewhere").statusCode()).isEqualTo(404);
    }
    assertThat(lines.list).isEmpty();
  }
}
