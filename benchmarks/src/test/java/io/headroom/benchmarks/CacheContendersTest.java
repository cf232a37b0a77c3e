package io.headroom.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.headroom.benchmarks.caches.CacheAccess;
import io.headroom.benchmarks.caches.CacheContender;
import io.headroom.benchmarks.caches.CacheSetup;
import io.headroom.benchmarks.caches.Profile;
import io.headroom.benchmarks.caches.ProfileSource;
import io.headroom.benchmarks.probe.ChildJvm;
import io.headroom.benchmarks.probe.ClusterGetAll;
import io.headroom.benchmarks.probe.ColdKey;
import io.headroom.benchmarks.probe.InvalidationSpread;
import io.headroom.testkit.servers.RedisCluster;
import io.headroom.testkit.servers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Param;

/**
 * All contenders do what they are compared in: load once, serve from where they should, and drop.
 */
class CacheContendersTest {
  private static final Long ID = 4_200_042L;

  private static RedisServer redis;
  private final ProfileSource source = new ProfileSource(Duration.ZERO);

  @BeforeAll
  static void start() {
    redis = RedisServer.start();
    System.setProperty(CacheSetup.URIS, redis.uri());
  }

  @AfterAll
  static void stop() {
    System.clearProperty(CacheSetup.URIS);
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.flush();
  }

  private static List<CacheContender> redisAlone() {
    return CacheContender.onRedisAlone();
  }

  private static List<CacheContender> bothLevels() {
    return CacheContender.onBothLevels();
  }

  private CacheAccess open(CacheContender contender) {
    return contender.open(CacheSetup.ofRunner(source));
  }

  @ParameterizedTest
  @EnumSource(CacheContender.class)
  void loadsOnceForAllProcesses(CacheContender contender) {
    try (CacheAccess cache = open(contender);
        CacheAccess another = open(contender)) {
      assertThat(List.of(cache.get(ID), cache.get(ID), another.get(ID)))
          .containsOnly(Profile.of(ID, 0));
      assertThat(source.loads()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource(CacheContender.class)
  void putsForAllProcesses(CacheContender contender) {
    try (CacheAccess cache = open(contender);
        CacheAccess another = open(contender)) {
      cache.put(ID, Profile.of(ID, 7));
      assertThat(List.of(cache.get(ID), another.get(ID))).containsOnly(Profile.of(ID, 7));
      assertThat(source.loads()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(CacheContender.class)
  void loadsAgainWhatWasInvalidated(CacheContender contender) {
    try (CacheAccess cache = open(contender)) {
      cache.get(ID);
      long revision = source.revise();
      assertThat(cache.get(ID)).isEqualTo(Profile.of(ID, 0));
      cache.invalidate(ID);
      assertThat(cache.get(ID)).isEqualTo(Profile.of(ID, revision));
    }
  }

  @ParameterizedTest
  @EnumSource(CacheContender.class)
  void getsManyAndLoadsTheMissing(CacheContender contender) {
    try (CacheAccess cache = open(contender)) {
      assertGetsAll(cache);
      assertThat(source.loads()).isEqualTo(50);
    }
  }

  private static void assertGetsAll(CacheAccess cache) {
    List<Long> ids = LongStream.range(0, 100).boxed().toList();
    ids.subList(0, 50).forEach(id -> cache.put(id, Profile.of(id, 0)));
    Map<Long, Profile> found = cache.getAll(ids);
    assertThat(found).containsOnlyKeys(ids);
    found.forEach((id, profile) -> assertThat(profile).isEqualTo(Profile.of(id, 0)));
  }

  @ParameterizedTest
  @MethodSource("redisAlone")
  void keepsNothingInTheProcess(CacheContender contender) {
    try (CacheAccess cache = open(contender)) {
      cache.get(ID);
      assertThat(cache.peek(ID)).isNull();
      redis.flush();
      cache.get(ID);
      assertThat(source.loads()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @MethodSource("bothLevels")
  void servesFromTheProcess(CacheContender contender) {
    try (CacheAccess cache = open(contender)) {
      assertThat(cache.peek(ID)).isNull();
      Profile loaded = cache.get(ID);
      redis.flush();
      assertThat(cache.peek(ID)).isSameAs(loaded);
      assertThat(cache.get(ID)).isSameAs(loaded);
      assertThat(source.loads()).isEqualTo(1);
    }
  }

  @Test
  void valuesAreSome200Bytes() throws Exception {
    assertThat(new ObjectMapper().writeValueAsBytes(Profile.of(ID, 0)).length).isBetween(180, 220);
  }

  @ParameterizedTest
  @MethodSource("redisAlone")
  void hitsAndMisses(CacheContender contender) {
    SharedHit hit = new SharedHit();
    hit.contender = contender;
    hit.open();
    assertThat(hit.get().revision()).isZero();
    hit.close();
    SharedMiss miss = new SharedMiss();
    miss.contender = contender;
    miss.open();
    assertThat(miss.get()).isNotEqualTo(miss.get());
    miss.close();
  }

  @ParameterizedTest
  @MethodSource("bothLevels")
  void hitsInTheProcess(CacheContender contender) {
    CacheHitTiered hit = new CacheHitTiered();
    hit.contender = contender;
    hit.open();
    assertThat(hit.get().revision()).isZero();
    hit.close();
  }

  @Test
  void runsAllOfThem() throws Exception {
    assertThat(contenders(SharedHit.class)).isEqualTo(names(CacheContender.onRedisAlone()));
    assertThat(contenders(SharedMiss.class)).isEqualTo(names(CacheContender.onRedisAlone()));
    assertThat(contenders(CacheHitTiered.class)).isEqualTo(names(CacheContender.onBothLevels()));
  }

  private static List<String> contenders(Class<?> benchmark) throws NoSuchFieldException {
    return List.of(benchmark.getField("contender").getAnnotation(Param.class).value());
  }

  private static List<String> names(List<CacheContender> contenders) {
    return contenders.stream().map(Enum::name).toList();
  }

  @Test
  void askTogetherForAColdKey() throws Exception {
    Map<String, Double> figures = probe(ColdKey.class, List.of("20", redis.uri()));
    assertThat(figures).hasSize(3 * ColdKey.PROCESSES.size() * ColdKey.CONTENDERS.size());
    assertThat(figures.get(CacheContender.LETTUCE + ".1" + ColdKey.LOADS)).isGreaterThan(1);
    assertThat(figures)
        .containsEntry(CacheContender.LETTUCE + ".1" + ColdKey.FAILURES, 0.0)
        .containsEntry(CacheContender.JETCACHE_BOTH + ".1" + ColdKey.FAILURES, 0.0)
        .containsEntry(CacheContender.HEADROOM + ".1" + ColdKey.LOADS, 1.0)
        .containsEntry(CacheContender.HEADROOM + ".3" + ColdKey.LOADS, 1.0)
        .containsEntry(CacheContender.HEADROOM + ".3" + ColdKey.FAILURES, 0.0);
  }

  @Test
  void dropEverywhereWhatOneInvalidates() throws Exception {
    Map<String, Double> figures = probe(InvalidationSpread.class, List.of(redis.uri()));
    assertThat(figures).hasSize(2 * InvalidationSpread.CONTENDERS.size());
    assertThat(figures.values()).allSatisfy(figure -> assertThat(figure).isPositive());
  }

  @Test
  void readACluster() throws Exception {
    try (RedisCluster cluster = RedisCluster.start()) {
      for (CacheContender contender : CacheContender.values()) {
        try (CacheAccess cache = contender.open(new CacheSetup(cluster.uris(), source))) {
          assertGetsAll(cache);
        }
        cluster.flush();
      }
      Map<String, Double> figures = probe(ClusterGetAll.class, cluster.uris());
      assertThat(figures).hasSize(4 * ClusterGetAll.CONTENDERS.size());
      assertThat(figures.get(CacheContender.REDISSON_MAP + ClusterGetAll.COMMANDS))
          .as("one, give or take what others send in the background")
          .isCloseTo(1.0, within(0.3));
      assertThat(figures.get(CacheContender.LETTUCE + ClusterGetAll.COMMANDS)).isGreaterThan(3);
      for (CacheContender contender : ClusterGetAll.CONTENDERS) {
        assertThat(figures.get(contender + ClusterGetAll.ROUND_TRIPS)).isPositive();
      }
    }
  }

  private static Map<String, Double> probe(Class<?> main, List<String> more) throws Exception {
    List<String> arguments = new ArrayList<>(List.of("1"));
    arguments.addAll(more);
    return ChildJvm.run(
        main, System.getProperty("java.class.path"), List.of("-Xmx512m"), arguments);
  }
}
