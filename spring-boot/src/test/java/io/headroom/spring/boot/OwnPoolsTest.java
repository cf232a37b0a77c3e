package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** The application's own pools are guarded, whoever else puts something in front of them. */
class OwnPoolsTest {

  private static final String GUARD = "headroom.guard.enabled=true";

  /** As libraries that trace or count have one. */
  static final class Wrapping implements BeanPostProcessor, Ordered {

    private final List<Class<?>> wrapped = new ArrayList<>();

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
      if (bean instanceof javax.sql.DataSource source) {
        wrapped.add(source.getClass());
        return new DelegatingDataSource(source);
      }
      return bean;
    }

    @Override
    public int getOrder() {
      return HIGHEST_PRECEDENCE;
    }
  }

  /** One of them. */
  @Configuration(proxyBeanMethods = false)
  static class Traced {

    @Bean
    static Wrapping wrapping() {
      return new Wrapping();
    }
  }

  @Test
  void aPoolIsGuardedBeforeItIsWrapped() {
    Applications.plain()
        .withUserConfiguration(Traced.class)
        .withPropertyValues(GUARD)
        .run(
            context -> {
              assertThat(context.getBean(GuardedPools.class).names()).containsExactly("dataSource");
              assertThat(context.getBean("dataSource")).isInstanceOf(DelegatingDataSource.class);
              assertThat(context.getBean(Wrapping.class).wrapped)
                  .hasSize(1)
                  .doesNotContain(HikariDataSource.class);
            });
  }

  /** Lazy is new in Spring Boot 4.1, which wraps the pool for it. */
  @ParameterizedTest
  @ValueSource(strings = {"eager", "lazy"})
  void aPoolIsGuardedHoweverItsConnectionsAreFetched(String fetch) {
    Applications.plain()
        .withPropertyValues(GUARD, "spring.datasource.connection-fetch=" + fetch)
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(GuardedPools.class).names()).containsExactly("dataSource");
            });
  }
}
