package io.headroom.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Spans;
import io.headroom.TimeSource;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** The moment between a deadline and the last answers, which no real server can be made to hit. */
class ScatterRunTest {

  private static final TimeSource STANDS_STILL =
      new TimeSource() {
        @Override
        public long nanoTime() {
          return 0;
        }

        @Override
        public Instant wallTime() {
          return Instant.EPOCH;
        }
      };

  private final CountDownLatch firstAborted = new CountDownLatch(1);
  private final CountDownLatch firstDone = new CountDownLatch(1);
  private final CountDownLatch secondAborted = new CountDownLatch(1);

  @Test
  void anExceptionThatComesOfTheCutIsNoAnswer() throws SQLException {
    Severer inline = new Severer();
    inline.close(); // from now on it cuts off in the calling thread
    ShardSession first =
        new ShardSession(Shard.of("s0"), 0, dataSource(firstAborted::countDown), inline);
    ShardSession second =
        new ShardSession(
            Shard.of("s1"),
            1,
            dataSource(
                () -> {
                  await(firstDone); // the first has reacted before the deadline is dealt with
                  secondAborted.countDown();
                }),
            inline);
    CountDownLatch[] atWork = {new CountDownLatch(1), new CountDownLatch(1)};
    Executor oneAfterTheOther =
        new Executor() {
          private int number;

          @Override
          public void execute(Runnable task) {
            int mine = number++;
            Thread thread =
                new Thread(
                    () -> {
                      task.run();
                      if (mine == 0) {
                        firstDone.countDown();
                      }
                    });
            thread.setDaemon(true);
            thread.start();
            await(atWork[mine]);
          }
        };
    ScatterRun run =
        new ScatterRun(
            oneAfterTheOther,
            2,
            new ScatterDeadline(STANDS_STILL, Duration.ofMillis(20)),
            new ScatterSpans("shards", Spans.NONE),
            2);
    List<ScatterRun.Outcome<String>> outcomes =
        run.onEach(
            List.of(first, second),
            session -> {
              session.borrow("SELECT 1", true, true);
              session.run();
              atWork[session.ordinal()].countDown();
              await(session == first ? firstAborted : secondAborted);
              throw new IllegalStateException("the reader's words for: cancelled");
            });
    assertThat(outcomes)
        .extracting(ScatterRun.Outcome::failure)
        .allMatch(SQLTimeoutException.class::isInstance);
    assertThat(outcomes.get(0).failure().getSuppressed())
        .singleElement()
        .isInstanceOf(IllegalStateException.class);
    assertThat(outcomes).allMatch(outcome -> outcome.session().hasRun());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static DataSource dataSource(Runnable onAbort) {
    PreparedStatement statement =
        stub(
            PreparedStatement.class,
            method -> {
              return null;
            });
    Connection connection =
        stub(
            Connection.class,
            method ->
                switch (method) {
                  case "prepareStatement" -> statement;
                  case "getAutoCommit" -> true;
                  case "abort" -> {
                    onAbort.run();
                    yield null;
                  }
                  default -> null;
                });
    return stub(DataSource.class, method -> connection);
  }

  private interface Answer {
    Object to(String method);
  }

  private static <T> T stub(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answer.to(method.getName())));
  }
}
