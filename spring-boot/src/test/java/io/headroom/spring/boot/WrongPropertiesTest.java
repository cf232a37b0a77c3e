package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.OriginTrackedValue;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.StandardEnvironment;

/** What is wrong below {@code headroom} stops the start, and says what, where and what to do. */
@ExtendWith(OutputCaptureExtension.class)
class WrongPropertiesTest {

  private static final String PRIMARY = "headroom.database.primary.url=" + Applications.NOWHERE;
  private static final String SHARD =
      "headroom.database.shards.s0.primary.url=" + Applications.NOWHERE;

  private static void start(String... properties) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--" + Applications.NO_FLYWAY);
    arguments.add("--spring.datasource.url=" + Applications.NOWHERE);
    for (String property : properties) {
      arguments.add("--" + property);
    }
    new SpringApplicationBuilder(Applications.Empty.class)
        .web(WebApplicationType.NONE)
        .run(arguments.toArray(String[]::new))
        .close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "headroom.gaurd.enabled",
        "headroom.guard.enable",
        "headroom.database.primary.uri",
        "headroom.caches.titles.time-to-live",
        "headroom.limits.door.rates",
        "headroom.request.token.keys"
      })
  void anUnknownKeyStopsTheStart(String key, CapturedOutput output) {
    assertThatThrownBy(() -> start(key + "=1"))
        .hasRootCauseInstanceOf(UnboundConfigurationPropertiesException.class);
    assertThat(output).contains("APPLICATION FAILED TO START", key, "left unbound");
  }

  /** Slips of a letter or two, anywhere in the name; what is in maps is called as one likes. */
  @ParameterizedTest
  @CsvSource({
    "headroom.gaurd.enabled, headroom.guard.enabled",
    "headroom.guard.enable, headroom.guard.enabled",
    "headroom.gard.maximumwiat, headroom.guard.maximum-wait",
    "headroom.database.primary.uri, headroom.database.primary.url",
    "headroom.database.shards.a.replica.b.url, headroom.database.shards.a.replicas.b.url",
    "headroom.database.pol.data-source-properties.x, "
        + "headroom.database.pool.data-source-properties.x",
    "headroom.cache.titles.ttl, headroom.caches.titles.ttl",
    "headroom.limits.door.rates, headroom.limits.door.rate",
    "headroom.limits.door.pahts[0], headroom.limits.door.paths[0]",
    "headroom.request.token.keys, headroom.request.token.key"
  })
  void whatWasMeantIsNamed(String key, String meant, CapturedOutput output) {
    assertThatThrownBy(() -> start(key + "=1"))
        .hasRootCauseInstanceOf(UnboundConfigurationPropertiesException.class);
    assertThat(output).contains(": did you mean " + meant + "?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "headroom.caches.titles.time-to-live",
        "headroom.throttle.enabled",
        "headroom.guard.enabled.now",
        "headroom.database.primary.url.x"
      })
  void nothingIsMadeUpWhereNothingIsNear(String key, CapturedOutput output) {
    assertThatThrownBy(() -> start(key + "=1")).isNotNull();
    assertThat(output).contains("APPLICATION FAILED TO START", key).doesNotContain("did you mean");
  }

  @ParameterizedTest
  @CsvSource({
    "guard, guard, 0",
    "gaurd, guard, 1",
    "gurd, guard, 1",
    "guuard, guard, 1",
    "guart, guard, 1",
    "uri, url, 1",
    "'', url, 3",
    "kitten, sitting, 3"
  })
  void slipsAreCounted(String one, String other, int slips) {
    assertThat(NearNames.slips(one, other)).isEqualTo(slips);
    assertThat(NearNames.slips(other, one)).isEqualTo(slips);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "headroom.limits.l.by=adress | headroom.limits.l.by | all, address, user, subject",
        "headroom.limits.l.when-away=shut | headroom.limits.l.when-away | fair-share",
        "headroom.database.routing.consistency=some | headroom.database.routing.consistency"
            + " | eventual, bounded, read-your-writes, monotonic, strong",
        "headroom.database.drift.on-drift=panic | headroom.database.drift.on-drift"
            + " | stop, warn, off",
        "headroom.database.sharding.key=int | headroom.database.sharding.key | long, string, uuid"
      })
  void whatAValueMayBeIsSaidAsTheDocsWriteIt(
      String wrong, String property, String allowed, CapturedOutput output) {
    assertThatThrownBy(() -> start(wrong)).isNotNull();
    assertSaid(output, property, "it is '" + wrong.substring(wrong.indexOf('=') + 1) + "'");
    assertThat(output).contains("Write one of ").contains(allowed);
    assertThat(output.toString().substring(output.toString().indexOf("APPLICATION FAILED")))
        .as("names of classes help nobody")
        .doesNotContain("io.headroom.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "headroom.guard.maximum-wait=0s | headroom.guard.maximum-wait | more than zero",
        "headroom.guard.elevated-at=0.5 | headroom.guard.elevated-at | must end below",
        "headroom.guard.calm-below=0.9 | headroom.guard.calm-below | must end below",
        "headroom.guard.target-delay=1s | headroom.guard.target-delay | above maximumWait",
        "headroom.guard.reserve-for-critical=-1 | headroom.guard.reserve-for-critical | 0 to 10000",
        "headroom.guard.budget.connections=0 | headroom.guard.budget.connections | 1 to 1000000",
        "headroom.guard.exclude=dataSourse | headroom.guard.exclude | names no pool: dataSourse",
        "headroom.guard.budget.processes=3 | headroom.guard.budget.processes | no effect without"
      })
  void aGuardThatCannotBe(String wrong, String property, String why, CapturedOutput output) {
    assertThatThrownBy(() -> start("headroom.guard.enabled=true", wrong))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, property, why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "headroom.database.username=me | headroom.database.primary.url | is missing",
        "headroom.database.primary.url= | headroom.database.primary.url | is missing",
        "headroom.database.primary.url=jdb:x | headroom.database.primary | HikariCP makes no pool",
        "headroom.database.shards.s0.replicas.b.url=jdbc:x |"
            + " headroom.database.shards.s0.primary.url | is missing"
      })
  void aDatabaseWithoutAServer(String wrong, String property, String why, CapturedOutput output) {
    assertThatThrownBy(() -> start(wrong))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, property, why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "headroom.database.pool.maximum-size=0 | headroom.database.pool.maximum-size | less than 1",
        "headroom.database.primary.pool.connection-timeout=1ms"
            + " | headroom.database.primary.pool.connection-timeout | 250ms",
        "headroom.database.replicas.b.username=me | headroom.database.replicas.b.url | is missing",
        "headroom.database.shards.s0.primary.url=jdbc:x | headroom.database.primary"
            + " | beside headroom.database.shards",
        "headroom.database.routing.consistency=bounded | headroom.database.routing.maximum-lag"
            + " | is missing",
        "headroom.database.routing.maximum-lag=5s | headroom.database.routing.maximum-lag | no"
            + " effect",
        "headroom.database.routing.consistency=strong | headroom.database.routing.consistency"
            + " | no replicas",
        "headroom.database.routing.timelines=/x | headroom.database.routing.timelines"
            + " | no replicas",
        "headroom.database.primary.weight=2 | headroom.database.primary.weight | no replicas",
        "headroom.database.primary.backup=true | headroom.database.primary.backup | no replicas",
        "headroom.database.sharding.metadata-shard=s0 | headroom.database.sharding.metadata-shard"
            + " | is for shards",
        "headroom.database.sharding.map-file=/x | headroom.database.sharding.map-file"
            + " | is for shards"
      })
  void aPrimaryBesideWhatCannotBe(
      String wrong, String property, String why, CapturedOutput output) {
    assertThatThrownBy(() -> start(PRIMARY, wrong))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, property, why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "headroom.database.routing.probe-interval=1ms | headroom.database.routing.probe-interval"
            + " | must be",
        "headroom.database.routing.primary-spill=-1 | headroom.database.routing.primary-spill"
            + " | must be 0 to",
        "headroom.database.replicas.b.weight=0 | headroom.database.replicas.b.weight | weight",
        "headroom.database.replicas.b.name=c | headroom.database.replicas.b.name"
            + " | called by its key",
        "headroom.database.primary.name=b | headroom.database.replicas.b | 'b'"
      })
  void aReplicaThatCannotBe(String wrong, String property, String why, CapturedOutput output) {
    String replica = "headroom.database.replicas.b.url=" + Applications.NOWHERE;
    assertThatThrownBy(() -> start(PRIMARY, replica, wrong))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, property, why);
  }

  @Test
  void aMetadataShardThatIsNone(CapturedOutput output) {
    assertThatThrownBy(() -> start(SHARD, "headroom.database.sharding.metadata-shard=s1"))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, "headroom.database.shards", "s1");
  }

  @Test
  void aMapFileThatIsNotThere(CapturedOutput output) {
    assertThatThrownBy(() -> start(SHARD, "headroom.database.sharding.map-file=/nowhere/map.json"))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, "headroom.database.sharding.map-file", "/nowhere/map.json");
  }

  @Test
  void limitsThatNobodyAsksAreSaid(CapturedOutput output) {
    start("headroom.limits.door.rate=1/s");
    assertThat(output).contains("headroom.limits are not asked");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "headroom.caches.t.ttl=0s | headroom.caches.t.ttl | must be",
        "headroom.caches.t.soft-timeout=1s | headroom.caches.t.soft-timeout"
            + " | headroom.caches.t.stale-for",
        "headroom.caches.t.shared-ttl=1s | headroom.caches.t.shared-ttl | not shared",
        "headroom.caches.t.type=java.lang.String | headroom.caches.t.type | not shared",
        "headroom.caches.t.shared=true | headroom.caches.t.shared | no Redis",
        "headroom.caches.t.resource=database | headroom.caches.t.resource | no effect"
      })
  void aCacheThatCannotBe(String wrong, String property, String why, CapturedOutput output) {
    assertThatThrownBy(() -> start(wrong))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, property, why);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "headroom.limits.l.leased=true | headroom.limits.l.leased | not shared",
        "headroom.limits.l.when-away=open | headroom.limits.l.when-away | not shared",
        "headroom.limits.l.by=subject | headroom.limits.l.by | http=false",
        "headroom.limits.c.paths=/x | headroom.limits.c.paths | for code to ask",
        "headroom.limits.c.hidden=true | headroom.limits.c.hidden | for code to ask",
        "headroom.limits.c.by=address | headroom.limits.c.by | by=subject",
        "headroom.limits.c.by=user | headroom.limits.c.by | is user",
        "headroom.limits.c.shared=true | headroom.limits.c.shared | no Redis"
      })
  void aLimitThatCannotBe(String wrong, String property, String why, CapturedOutput output) {
    assertThatThrownBy(
            () ->
                start(
                    "headroom.name=x",
                    "headroom.limits.l.rate=1/s",
                    "headroom.limits.c.rate=1/s",
                    "headroom.limits.c.http=false",
                    wrong))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, property, why);
  }

  /** Each by the property that is to be mended, with where it stands. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shared-ttl=1m | ttl | 2h, and must not be longer than headroom.caches.t.shared-ttl, 1m",
        "type=String | ttl | headroom.caches.t.shared-ttl, 1h unless set",
        "soft-timeout=1s | soft-timeout | no effect without headroom.caches.t.stale-for"
      })
  void aSharedCacheThatCannotBe(String more, String property, String why, CapturedOutput output) {
    assertThatThrownBy(
            () ->
                start(
                    "headroom.caches.t.shared=true",
                    "headroom.caches.t.ttl=2h",
                    "headroom.caches.t." + more))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, "headroom.caches.t." + property + " (\"", why);
  }

  @Test
  void timeoutsOfACacheInTheWrongOrder(CapturedOutput output) {
    assertThatThrownBy(
            () ->
                start(
                    "headroom.caches.t.stale-for=1h",
                    "headroom.caches.t.soft-timeout=2s",
                    "headroom.caches.t.hard-timeout=1s"))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, "headroom.caches.t.soft-timeout", "headroom.caches.t.hard-timeout, 1s");
  }

  /** The first in the order in which the properties are listed, at each start. */
  @Test
  void ofSeveralThatNeedASharedCacheTheFirstIsNamed(CapturedOutput output) {
    assertThatThrownBy(
            () ->
                start(
                    "headroom.caches.t.maximum-staleness=5s",
                    "headroom.caches.t.schema-version=2",
                    "headroom.caches.t.shared-ttl=1h",
                    "headroom.caches.t.type=String"))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, "headroom.caches.t.type", "not shared");
  }

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0s",
    "PT48H, 2d",
    "PT2H, 2h",
    "PT90M, 90m",
    "PT1.5S, 1500ms",
    "PT0.0000005S, 500ns"
  })
  void timesAreWrittenAsInAFile(Duration time, String written) {
    assertThat(Setting.written(time)).isEqualTo(written);
  }

  /** Else Spring Boot's own analyzer would print the value. */
  @Test
  void whatWasMeantIsNeverWorthASecret() {
    Throwable failure = catchThrowable(() -> start("headroom.database.pasword=hush-hush"));
    HeadroomBindingFailureAnalyzer atFault =
        new HeadroomBindingFailureAnalyzer(
            name -> {
              throw new IllegalStateException("at fault");
            });
    FailureAnalysis said = atFault.analyze(failure);
    assertThat(said).isNotNull();
    assertThat(said.getDescription())
        .contains("headroom.database.pasword")
        .doesNotContain("hush-hush")
        .doesNotContain("did you mean");
  }

  /** It is not the same as none, and as likely as not a variable that nobody has set. */
  @Test
  void pathsThatAreEmpty(CapturedOutput output) {
    assertThatThrownBy(
            () ->
                new SpringApplicationBuilder(Applications.Empty.class)
                    .run(
                        "--server.port=0",
                        "--" + Applications.NO_FLYWAY,
                        "--spring.datasource.url=" + Applications.NOWHERE,
                        "--headroom.limits.l.rate=1/s",
                        "--headroom.limits.l.paths="))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, "headroom.limits.l.paths", "counts every request");
    assertThat(output).contains("Name some, such as /orders/**");
  }

  @Test
  void aCacheOfAPoolThatIsNone(CapturedOutput output) {
    String stale = "headroom.caches.t.stale-for=1m";
    String guard = "headroom.guard.enabled=true";
    assertThatThrownBy(() -> start(guard, stale, "headroom.caches.t.resource=databse"))
        .hasStackTraceContaining(HeadroomPropertyException.class.getName());
    assertSaid(output, "headroom.caches.t.resource", "names no pool: databse");
    assertThat(output).contains("[dataSource]");
    start(guard, stale, "headroom.caches.t.resource=dataSource");
    start(guard, stale, PRIMARY, "headroom.caches.t.resource=database");
    String excluded = "headroom.guard.exclude=database";
    assertThatThrownBy(
            () -> start(guard, stale, PRIMARY, excluded, "headroom.caches.t.resource=database"))
        .as("whose load nobody knows")
        .hasStackTraceContaining("names no pool: database");
  }

  /** Neither where the key is mistyped, nor where the value stands at another one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "headroom.database.pasword=hush",
        "headroom.request.token.keys=hush",
        "headroom.request.token.accepted-keys=hush",
        "headroom.redis=redis://:hush@redis.internal",
        "headroom.database.primary=jdbc:postgresql://db.internal/x?password=hush"
      })
  void noSecretIsInWhatIsSaid(String wrong, CapturedOutput output) {
    assertThatThrownBy(() -> start(wrong)).isNotNull();
    assertThat(output)
        .contains("APPLICATION FAILED TO START", wrong.substring(0, wrong.indexOf('=')))
        .doesNotContain("hush");
  }

  /** Where it helps, and can be none, the value is told. */
  @Test
  void whatIsNoSecretIsSaid(CapturedOutput output) {
    assertThatThrownBy(() -> start("headroom.guard.maximum-wait=soon")).isNotNull();
    assertThat(output).contains("headroom.guard.maximum-wait", "soon");
  }

  private static void assertSaid(CapturedOutput output, String property, String why) {
    assertThat(output)
        .contains("APPLICATION FAILED TO START", "with the property " + property, why)
        .contains("Action:");
  }

  @Test
  void theAnalysisTellsTheLine() {
    StandardEnvironment environment = new StandardEnvironment();
    Origin line =
        new Origin() {
          @Override
          public String toString() {
            return "application.yml:17";
          }
        };
    OriginTrackedValue value = OriginTrackedValue.of("0s", line);
    environment
        .getPropertySources()
        .addFirst(
            new OriginTrackedMapPropertySource(
                "file", Map.of("headroom.guard.maximum-wait", value)));
    FailureAnalysis analysis =
        new HeadroomFailureAnalyzer(environment)
            .analyze(
                new IllegalStateException(
                    Setting.wrong("headroom.guard.maximum-wait", "is zero.", "Say 200ms.")));
    assertThat(analysis.getDescription())
        .contains("headroom.guard.maximum-wait (application.yml:17)", "is zero.");
    assertThat(analysis.getAction()).isEqualTo("Say 200ms.");
  }

  @Test
  void noSecretIsInATextOfTheProperties() {
    Applications.plain()
        .withPropertyValues(
            "headroom.database.password=hush-one",
            PRIMARY + "&password=hush-two",
            "headroom.redis.uri=redis://:hush-three@127.0.0.1:9",
            "headroom.request.token.key=hush-four-and-more")
        .run(
            context ->
                assertThat(context.getBean(HeadroomProperties.class).toString())
                    .contains("database")
                    .doesNotContain("hush"));
  }
}
