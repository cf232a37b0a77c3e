package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.RequestContext;
import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** Where {@link ShardKey} is seen, and where it would not be. */
class ShardKeysTest {

  /** A source of the application's own, without a property. */
  @Configuration(proxyBeanMethods = false)
  static class OwnShards {

    @Bean
    ShardedDataSource sharded() {
      DriverManagerDataSource nowhere = new DriverManagerDataSource(Applications.NOWHERE);
      return ShardedDataSource.builder(ShardRouter.forLongs(ShardMap.of("s0", "s1")))
          .dataSources(Map.of("s0", nowhere, "s1", nowhere))
          .build();
    }
  }

  private static ApplicationContextRunner runner() {
    return new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                HeadroomAutoConfiguration.class, HeadroomShardKeyAutoConfiguration.class))
        .withUserConfiguration(OwnShards.class);
  }

  private static String scope() {
    return RequestContext.current().toString();
  }

  /** As repositories are. */
  public interface Finds<K> {
    String find(String what, @ShardKey K key);
  }

  /** By the interface. */
  public static class Finder implements Finds<Long> {
    @Override
    public String find(String what, Long key) {
      return what + scope();
    }
  }

  /** By the class above. */
  public static class Heir extends Finder {
    @Override
    public String find(String what, Long key) {
      return "heir of " + super.find(what, key);
    }
  }

  /** Proxies that are no Spring class's. */
  @Configuration(proxyBeanMethods = false)
  static class Beans {

    @Bean
    Finder finder() {
      return new Finder();
    }

    @Bean
    Heir heir() {
      return new Heir();
    }

    @Bean
    Finds<?> proxied() {
      return (Finds<?>)
          Proxy.newProxyInstance(
              ShardKeysTest.class.getClassLoader(),
              new Class<?>[] {Finds.class},
              (proxy, method, arguments) ->
                  method.getName().equals("find") ? arguments[0] + scope() : "proxied");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"finder", "heir", "proxied"})
  @SuppressWarnings("unchecked") // as they are
  void itMayStandOnAnInterface(String bean) {
    for (boolean transactions : new boolean[] {true, false}) {
      runner()
          .withUserConfiguration(Beans.class)
          .withClassLoader(
              new FilteredClassLoader(transactions ? "none" : "org.springframework.transaction"))
          .run(
              context -> {
                Finds<Long> finds = (Finds<Long>) context.getBean(bean);
                String outside = scope();
                assertThat(finds.find("x ", 5L)).contains("x ").doesNotContain(outside);
                assertThat(scope()).isEqualTo(outside);
                assertThatThrownBy(() -> finds.find("x", null))
                    .isInstanceOf(IllegalArgumentException.class);
              });
    }
  }

  /** As with {@code @Transactional}: whoever asks for the class would not get an interface's. */
  @Test
  void aBeanThatHasAnInterfaceStaysOfItsClass() {
    runner()
        .withUserConfiguration(Beans.class)
        .run(
            context -> {
              assertThat(context.getBeansOfType(Finder.class)).containsOnlyKeys("finder", "heir");
              String outside = scope();
              assertThat(context.getBean(Heir.class).find("x ", 5L))
                  .startsWith("heir of x ")
                  .doesNotContain(outside);
            });
    runner()
        .withUserConfiguration(Beans.class)
        .withPropertyValues("spring.aop.proxy-target-class=false")
        .run(
            context -> {
              assertThat(context.getBeansOfType(Finder.class)).isEmpty();
              assertThat(context.getBeansOfType(Finds.class)).hasSize(3);
            });
  }

  /** No statement of a key that the router does not know. */
  @Test
  @SuppressWarnings("unchecked") // that is what it is about
  void aKeyOfAnotherTypeIsRefused() {
    runner()
        .withUserConfiguration(Beans.class)
        .run(
            context -> {
              Finds<Object> finds = (Finds<Object>) context.getBean("proxied");
              assertThatThrownBy(() -> finds.find("x", "text"))
                  .isInstanceOf(IllegalArgumentException.class);
            });
  }

  /** Nobody would see the call. */
  static class Hidden {
    public String call() {
      return of(5L);
    }

    private String of(@ShardKey long key) {
      return "of " + key;
    }
  }

  /** Nor here. */
  static class Last {
    public final void of(@ShardKey long key) {}
  }

  /** Which one? */
  static class Twice {
    public void of(@ShardKey long one, @ShardKey long other) {}
  }

  /** Of which there is no class below. */
  static final class Sealed implements Finds<Long> {
    @Override
    public String find(String what, Long key) {
      return what + scope();
    }
  }

  /** Nor of this. */
  record Kept(String note) implements Finds<Long> {
    @Override
    public String find(String what, Long key) {
      return what + note + scope();
    }
  }

  /** Nor of this, and there is no need. */
  record Plain(String note) {}

  @Test
  void aFinalClassStopsTheStartUnlessProxiesAreOfInterfaces() {
    runner()
        .withBean("sealed", Sealed.class, Sealed::new)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining(Sealed.class.getName() + " has a parameter with")
                    .hasStackTraceContaining("spring.aop.proxy-target-class=false"));
    runner()
        .withBean("kept", Kept.class, () -> new Kept("kept"))
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining(Kept.class.getName() + " has a parameter with"));
    runner()
        .withBean("sealed", Sealed.class, Sealed::new)
        .withBean("kept", Kept.class, () -> new Kept("kept"))
        .withBean("plain", Plain.class, () -> new Plain("plain"))
        .withPropertyValues("spring.aop.proxy-target-class=false")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              String outside = scope();
              for (Object each : context.getBeansOfType(Finds.class).values()) {
                assertThat(opened((Finds<?>) each)).startsWith("x ").doesNotContain(outside);
              }
              assertThat(context.getBean(Plain.class)).isEqualTo(new Plain("plain"));
            });
  }

  @SuppressWarnings("unchecked") // as they are
  private static String opened(Finds<?> finds) {
    return ((Finds<Long>) finds).find("x ", 5L);
  }

  @Test
  void whatNobodyWouldSeeStopsTheStart() {
    runner()
        .withBean(Hidden.class, Hidden::new)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .hasStackTraceContaining("Hidden.of")
                    .hasStackTraceContaining("private, static or final"));
    runner()
        .withBean(Last.class, Last::new)
        .run(context -> assertThat(context).getFailure().hasStackTraceContaining("Last.of"));
    runner()
        .withBean(Twice.class, Twice::new)
        .run(
            context ->
                assertThat(context).getFailure().hasStackTraceContaining("at two parameters"));
  }

  /** A class is looked at once, unless it was found wanting. */
  @Test
  void whatNobodyWouldSeeFailsEachTime() {
    runner()
        .withBean(Hidden.class, Hidden::new, bean -> bean.setScope("prototype"))
        .run(
            context -> {
              for (int time = 0; time < 2; time++) {
                assertThatThrownBy(() -> context.getBean(Hidden.class))
                    .hasStackTraceContaining("private, static or final");
              }
            });
  }

  @Test
  void withoutShardsItMeansNothing() {
    new ApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                HeadroomAutoConfiguration.class, HeadroomShardKeyAutoConfiguration.class))
        .withUserConfiguration(Beans.class)
        .run(context -> assertThat(context).doesNotHaveBean(ShardKeyPostProcessor.class));
  }
}
