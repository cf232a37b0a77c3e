package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What the start says of pools that hold a request for as long as it has; nothing is connected. */
@ExtendWith(OutputCaptureExtension.class)
class LongWaitsTest {

  private static final String WARNED = "is half of headroom.request.timeout";
  private static final String OF_ALL = "headroom.database.pool.connection-timeout";
  private static final String PRIMARY = "headroom.database.primary.url=" + Applications.NOWHERE;
  private static final String REPLICA = "headroom.database.replicas.b.url=" + Applications.NOWHERE;

  private static void start(String... properties) {
    Applications.bare()
        .withPropertyValues(properties)
        .run(context -> assertThat(context).hasNotFailed());
  }

  private static void assertWarned(CapturedOutput output, String of, String requestMillis) {
    assertThat(output)
        .containsOnlyOnce(WARNED)
        .contains("WARN")
        .contains(of + " is half of headroom.request.timeout (" + requestMillis + " ms) or more");
  }

  @ParameterizedTest
  @ValueSource(strings = {"2s", "4s"})
  void theDefaultIsTooLongForShortRequests(String timeout, CapturedOutput output) {
    start(PRIMARY, REPLICA, "headroom.request.timeout=" + timeout);
    assertWarned(output, OF_ALL + " (not set: 2000 ms)", timeout.charAt(0) + "000");
    String third = timeout.equals("2s") ? "660ms" : "1330ms";
    assertThat(output).contains("Set " + OF_ALL + " well below that, as to " + third);
  }

  @ParameterizedTest
  @CsvSource({"pool, 1s, 1000", "replicas.b.pool, 2500ms, 2500", "primary.pool, 3s, 3000"})
  void theLongestIsNamed(String whose, String timeout, String millis, CapturedOutput output) {
    String property = "headroom.database." + whose + ".connection-timeout";
    String ofAll = whose.equals("pool") ? "headroom.request.timeout=2s" : OF_ALL + "=300ms";
    start(PRIMARY, REPLICA, ofAll, property + "=" + timeout, "headroom.request.timeout=2s");
    assertWarned(output, property + " (" + millis + " ms)", "2000");
  }

  /** HikariCP waits for 250 ms at least. */
  @ParameterizedTest
  @CsvSource({
    "501ms, as to 250ms",
    "751ms, as to 250ms",
    "800ms, as to 260ms",
    "500ms, so give requests more than 500 ms",
    "400ms, so give requests more than 500 ms"
  })
  void theAdviceFitsTheRequest(String timeout, String advice, CapturedOutput output) {
    start(PRIMARY, REPLICA, OF_ALL + "=1s", "headroom.request.timeout=" + timeout);
    assertWarned(output, OF_ALL + " (1000 ms)", timeout.replace("ms", ""));
    assertThat(output).contains(advice);
  }

  /** Of 0 HikariCP makes a wait without end. */
  @ParameterizedTest
  @CsvSource({"0, 2s", "0s, 1h", "500us, 10d"})
  void nothingIsLongerThanZero(String zero, String request, CapturedOutput output) {
    start(
        PRIMARY,
        REPLICA,
        OF_ALL + "=5s",
        "headroom.database.replicas.b.pool.connection-timeout=" + zero,
        "headroom.request.timeout=" + request);
    assertThat(output)
        .containsOnlyOnce(WARNED)
        .contains(
            "headroom.database.replicas.b.pool.connection-timeout (0 ms, which is for ever) "
                + WARNED);
  }

  @Test
  void allShardsAreToldOfAtOnce(CapturedOutput output) {
    start(
        "headroom.database.shards.s0.primary.url=" + Applications.NOWHERE,
        "headroom.database.shards.s1.primary.url=" + Applications.NOWHERE,
        "headroom.database.shards.s1.replicas.b.url=" + Applications.NOWHERE,
        "headroom.database.shards.s2.primary.url=" + Applications.NOWHERE,
        "headroom.database.shards.s2.replicas.b.url=" + Applications.NOWHERE,
        "headroom.database.drift.on-drift=off",
        "headroom.request.timeout=2s");
    assertWarned(output, OF_ALL + " (not set: 2000 ms)", "2000");
  }

  @Test
  void nothingIsSaidWhereTimeIsLeftOrThereIsNoOtherServer(CapturedOutput output) {
    start(PRIMARY, "headroom.request.timeout=2s");
    start(PRIMARY, REPLICA);
    start(PRIMARY, REPLICA, "headroom.request.timeout=4001ms");
    start(PRIMARY, REPLICA, OF_ALL + "=999ms", "headroom.request.timeout=2s");
    assertThat(output).doesNotContain(WARNED);
  }
}
