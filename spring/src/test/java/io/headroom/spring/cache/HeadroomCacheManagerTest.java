package io.headroom.spring.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class HeadroomCacheManagerTest {

  @Test
  void itHasTheCachesThatWereAdded() {
    try (HeadroomCacheManager manager =
        HeadroomCacheManager.builder().cache("a", cache -> {}).cache("b", cache -> {}).build()) {
      assertThat(manager.getCacheNames()).containsExactlyInAnyOrder("a", "b");
      assertThat(manager.getCache("a")).isSameAs(manager.getCache("a"));
      assertThat(manager.getCache("a").getName()).isEqualTo("a");
      assertThat(manager.getCache("c")).isNull();
      assertThat(manager).asString().contains("a", "b");
    }
  }

  @Test
  void itMakesOthersIfItIsToldHow() {
    try (HeadroomCacheManager manager =
        HeadroomCacheManager.builder()
            .cache("a", cache -> {})
            .createMissing(cache -> cache.maximumEntries(1))
            .build()) {
      assertThat(manager.getCacheNames()).containsExactly("a");
      assertThat(manager.getCache("b")).isSameAs(manager.getCache("b"));
      assertThat(manager.getCacheNames()).containsExactlyInAnyOrder("a", "b");
    }
  }

  @Test
  void aNameIsAddedOnce() {
    HeadroomCacheManagerBuilder builder = HeadroomCacheManager.builder().cache("a", cache -> {});

    assertThatIllegalStateException()
        .isThrownBy(() -> builder.cache("a", cache -> {}))
        .withMessageContaining("'a'");
  }

  @Test
  void anOptionIsSetOnce() {
    setTwice("createMissing", builder -> builder.createMissing(cache -> {}));
    setTwice("allowNullValues", builder -> builder.allowNullValues(true));
    setTwice("transactionAware", HeadroomCacheManagerBuilder::transactionAware);
  }

  private static void setTwice(String option, Consumer<HeadroomCacheManagerBuilder> set) {
    HeadroomCacheManagerBuilder builder = HeadroomCacheManager.builder();
    set.accept(builder);
    assertThatIllegalStateException()
        .isThrownBy(() -> set.accept(builder))
        .withMessage("cache manager: " + option + " is set twice: set it once");
  }

  @Test
  void wrongOptionsAreSeenWhenItIsBuilt() {
    HeadroomCacheManagerBuilder builder =
        HeadroomCacheManager.builder().cache("a", cache -> cache.refreshAhead(1));

    assertThatIllegalStateException()
        .isThrownBy(builder::build)
        .withMessageContaining("refreshAhead");
  }
}
