package io.headroom.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.support.CompositeCacheManager;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What is most likely not meant is told of once, with what to do. */
class WarningsTest {

  private static final String PLAINLY =
      "WARN cache 'stale' is looked up plainly, as by @Cacheable without sync = true: that is"
          + " served nothing stale, though the cache is set up for it. Say @Cacheable(cacheNames ="
          + " \"stale\", sync = true) or, in code, get(key, loader)";

  private final Logger logger = (Logger) LoggerFactory.getLogger("io.headroom.spring.cache");
  private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

  @BeforeEach
  void listen() {
    appender.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(appender);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(appender);
    logger.setAdditive(true);
    logger.setLevel(null);
  }

  private List<String> lines() {
    return appender.list.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  @Configuration
  @EnableCaching
  static class Application {

    @Bean
    HeadroomCacheManager cacheManager() {
      return manager();
    }

    @Bean
    Names names() {
      return new Names();
    }
  }

  static class Names {

    @Cacheable("stale")
    public String plainly(Long id) {
      return "Ada" + id;
    }

    @Cacheable("stale")
    public CompletableFuture<String> laterAndPlainly(Long id) {
      return CompletableFuture.completedFuture("Ada" + id);
    }

    @Cacheable(cacheNames = "stale", sync = true)
    public String once(Long id) {
      return "Ada" + id;
    }

    @Cacheable(cacheNames = "stale", sync = true)
    public CompletableFuture<String> laterAndOnce(Long id) {
      return CompletableFuture.completedFuture("Ada" + id);
    }

    @Cacheable("fresh")
    public String fresh(Long id) {
      return "Ada" + id;
    }

    @Cacheable("nosuch")
    public String slip() {
      return "";
    }
  }

  private static HeadroomCacheManager manager() {
    return HeadroomCacheManager.builder()
        .cache("stale", cache -> cache.staleFor(Duration.ofMinutes(1)))
        .cache("fresh", cache -> cache.staleFor(Duration.ZERO))
        .build();
  }

  @Test
  void aCacheThatMayServeStaleValuesIsLookedUpPlainly() {
    try (var context = new AnnotationConfigApplicationContext(Application.class)) {
      Names names = context.getBean(Names.class);
      names.once(1L);
      names.laterAndOnce(2L).join();
      names.fresh(3L);
      assertThat(lines()).as("nobody goes without anything").isEmpty();
      names.plainly(1L);
      names.plainly(4L);
      names.laterAndPlainly(5L).join();
      assertThat(lines()).containsExactly(PLAINLY);
    }
  }

  @Test
  void soItIsWhereTheMethodReturnsAFuture() {
    try (var context = new AnnotationConfigApplicationContext(Application.class)) {
      context.getBean(Names.class).laterAndPlainly(1L).join();
      assertThat(lines()).containsExactly(PLAINLY);
    }
  }

  /** With a loader, and without a look. */
  @Test
  void codeThatIsServedAllIsNotToldOfAnything() {
    try (HeadroomCacheManager manager = manager()) {
      HeadroomCache cache = manager.getCache("stale");
      assertThat(cache.get(1L, () -> "one")).isEqualTo("one");
      assertThat(cache.retrieve(2L, () -> CompletableFuture.completedFuture("two")).join())
          .isEqualTo("two");
      cache.put(3L, "three");
      assertThat(cache.putIfAbsent(3L, "four").get()).isEqualTo("three");
      assertThat(cache.evictIfPresent(3L)).isTrue();
      assertThat(lines()).isEmpty();
      assertThat(cache.get(2L, String.class)).isEqualTo("two");
      assertThat(lines()).containsExactly(PLAINLY);
    }
  }

  @Test
  void aSlipInANameIsToldOfWithTheNamesThereAre() {
    try (var context = new AnnotationConfigApplicationContext(Application.class)) {
      Names names = context.getBean(Names.class);
      for (int call = 0; call < 2; call++) {
        assertThatIllegalArgumentException()
            .isThrownBy(names::slip)
            .withMessageContaining("'nosuch'");
      }
      assertThat(lines())
          .singleElement()
          .asString()
          .startsWith("WARN no cache is called 'nosuch': there are [fresh, stale]. ")
          .contains("cache(\"nosuch\", ...) of its builder", "headroom.caches.nosuch");
    }
  }

  /** Its contract: what one does not have the next one may. */
  @Test
  void anotherManagerMayHaveIt() {
    try (HeadroomCacheManager first = manager();
        HeadroomCacheManager second =
            HeadroomCacheManager.builder().cache("nosuch", cache -> {}).build()) {
      CompositeCacheManager both = new CompositeCacheManager(first, second);
      assertThat(both.getCache("nosuch")).isSameAs(second.getCache("nosuch"));
      assertThat(lines()).singleElement().asString().contains("Unless another cache manager has");
    }
  }

  @Test
  void whoMakesNamesUpIsNotToldOfThemForEver() {
    try (HeadroomCacheManager manager = manager()) {
      for (int name = 0; name < 1_000; name++) {
        assertThat(manager.getCache("n" + name)).isNull();
      }
      assertThat(lines()).hasSize(100);
    }
  }
}
