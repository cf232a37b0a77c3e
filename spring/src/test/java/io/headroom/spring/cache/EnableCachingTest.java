package io.headroom.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.CachePut;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Spring's annotations, by Spring itself. */
class EnableCachingTest {

  @Configuration
  @EnableCaching
  static class Application {

    @Bean
    HeadroomCacheManager cacheManager() {
      return HeadroomCacheManager.builder().cache("profiles", cache -> {}).build();
    }

    @Bean
    Profiles profiles() {
      return new Profiles();
    }
  }

  /** A repository whose database is a map. */
  static class Profiles {

    private final Map<Long, String> names = new ConcurrentHashMap<>(Map.of(1L, "Ada"));
    private final AtomicInteger reads = new AtomicInteger();
    private Runnable afterRead = () -> {};

    @Cacheable("profiles")
    public String find(Long id) {
      return read(id);
    }

    @Cacheable(cacheNames = "profiles", sync = true)
    public String findOnce(Long id) {
      return read(id);
    }

    @Cacheable(cacheNames = "profiles", sync = true)
    public CompletableFuture<String> findAsync(Long id) {
      return CompletableFuture.supplyAsync(() -> read(id));
    }

    @Cacheable("profiles")
    public CompletableFuture<String> findAsyncPlainly(Long id) {
      return CompletableFuture.supplyAsync(() -> read(id));
    }

    @Cacheable(cacheNames = "profiles", sync = true)
    public String fail(Long id) throws Exception {
      throw new FileNotFoundException("no " + id);
    }

    @CachePut(cacheNames = "profiles", key = "#p0")
    public String rename(Long id, String name) {
      names.put(id, name);
      return name;
    }

    @CacheEvict(cacheNames = "profiles", key = "#p0")
    public void renameAndEvict(Long id, String name) {
      names.put(id, name);
    }

    @CacheEvict(cacheNames = "profiles", allEntries = true)
    public void forgetAll() {
      names.clear();
    }

    @Cacheable("slip")
    public String slip() {
      return "";
    }

    void afterRead(Runnable task) {
      afterRead = task;
    }

    int reads() {
      return reads.get();
    }

    private String read(Long id) {
      reads.incrementAndGet();
      String name = names.get(id);
      Runnable task = afterRead;
      afterRead = () -> {};
      task.run();
      return name;
    }
  }

  private final AnnotationConfigApplicationContext context =
      new AnnotationConfigApplicationContext(Application.class);
  private final Profiles profiles = context.getBean(Profiles.class);

  @AfterEach
  void close() {
    context.close();
  }

  @Test
  void aMethodIsCalledOnce() {
    assertThat(profiles.find(1L)).isEqualTo("Ada");
    assertThat(profiles.find(1L)).isEqualTo("Ada");
    assertThat(profiles.findOnce(1L)).isEqualTo("Ada");
    assertThat(profiles.findAsync(1L).join()).isEqualTo("Ada");
    assertThat(profiles.findAsyncPlainly(1L).join()).isEqualTo("Ada");

    assertThat(profiles.reads()).isEqualTo(1);
  }

  @Test
  void aMethodIsCalledOnceForNullToo() {
    assertThat(profiles.find(2L)).isNull();
    assertThat(profiles.find(2L)).isNull();
    assertThat(profiles.findOnce(2L)).isNull();
    assertThat(profiles.findAsync(2L).join()).isNull();
    assertThat(profiles.reads()).isEqualTo(1);

    assertThat(profiles.findOnce(3L)).isNull();
    assertThat(profiles.findOnce(3L)).isNull();
    assertThat(profiles.reads()).isEqualTo(2);
  }

  @Test
  void asyncAnswersAreKept() {
    assertThat(profiles.findAsync(1L).join()).isEqualTo("Ada");
    assertThat(profiles.findAsync(1L).join()).isEqualTo("Ada");

    assertThat(profiles.reads()).isEqualTo(1);
  }

  @Test
  void whatWasWrittenIsSeen() {
    assertThat(profiles.find(1L)).isEqualTo("Ada");
    profiles.rename(1L, "Grace");
    assertThat(profiles.find(1L)).isEqualTo("Grace");
    assertThat(profiles.reads()).isEqualTo(1);

    profiles.renameAndEvict(1L, "Edsger");
    assertThat(profiles.findOnce(1L)).isEqualTo("Edsger");
    assertThat(profiles.reads()).isEqualTo(2);

    profiles.forgetAll();
    assertThat(profiles.find(1L)).isNull();
  }

  @Test
  void whatWasWrittenDuringAReadIsSeen() {
    profiles.afterRead(
        () -> CompletableFuture.runAsync(() -> profiles.renameAndEvict(1L, "Grace")).join());
    assertThat(profiles.find(1L)).isEqualTo("Ada");
    assertThat(profiles.find(1L)).isEqualTo("Grace");

    profiles.forgetAll();
    profiles.rename(1L, "Ada");
    profiles.renameAndEvict(1L, "Ada");
    profiles.afterRead(
        () -> CompletableFuture.runAsync(() -> profiles.renameAndEvict(1L, "Grace")).join());
    assertThat(profiles.findOnce(1L)).isEqualTo("Ada");
    assertThat(profiles.findOnce(1L)).isEqualTo("Grace");
  }

  @Test
  void oneIsCalledForAll() {
    int callers = 8;
    CountDownLatch allThere = new CountDownLatch(callers);
    profiles.afterRead(() -> await(allThere));
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      answers.add(
          CompletableFuture.supplyAsync(
              () -> {
                allThere.countDown();
                return profiles.findOnce(1L);
              },
              task -> new Thread(task).start()));
    }

    assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo("Ada"));
    assertThat(profiles.reads()).isEqualTo(1);
  }

  @Test
  void aMethodsExceptionIsTheCallers() {
    assertThatExceptionOfType(FileNotFoundException.class).isThrownBy(() -> profiles.fail(1L));
  }

  @Test
  void aSlipInANameIsSeen() {
    assertThatIllegalArgumentException().isThrownBy(profiles::slip).withMessageContaining("'slip'");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
