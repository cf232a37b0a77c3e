package io.headroom.spring.boot;

import io.headroom.sharding.ShardedDataSource;
import jakarta.servlet.Filter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.util.ClassUtils;

/**
 * How a sharded data source gets its keys: by {@link ShardKey} at a parameter, and by a {@link
 * ShardKeyResolver} for requests, behind the other filters ({@code headroom.request.order}, 30
 * later).
 */
@AutoConfiguration(
    after = {HeadroomDatabaseAutoConfiguration.class, HeadroomWebAutoConfiguration.class})
@ConditionalOnBean(ShardedDataSource.class)
public final class HeadroomShardKeyAutoConfiguration {

  private static final String TRANSACTIONS =
      "org.springframework.transaction.support.TransactionSynchronizationManager";

  HeadroomShardKeyAutoConfiguration() {}

  @Bean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  static ShardKeyPostProcessor headroomShardKeyPostProcessor(
      ObjectProvider<ShardedDataSource> sharded, Environment environment) {
    return new ShardKeyPostProcessor(
        new ShardKeyAdvisor(sharded::getObject, scopes()),
        environment.getProperty("spring.aop.proxy-target-class", Boolean.class, true));
  }

  private static KeyedScopes scopes() {
    return ClassUtils.isPresent(TRANSACTIONS, null)
        ? new KeyedScopes(() -> TransactionSynchronizationManager.isActualTransactionActive())
        : new KeyedScopes(() -> false);
  }

  /** Where there are requests. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
  @ConditionalOnBean(ShardKeyResolver.class)
  static class OfRequests {

    @Bean
    @ConditionalOnMissingBean(name = "headroomShardScopeFilter")
    FilterRegistrationBean<Filter> headroomShardScopeFilter(
        ShardedDataSource sharded,
        ShardKeyResolver resolver,
        HeadroomProperties properties,
        Environment environment) {
      RequestProperties request = properties.request();
      return Filters.registered(
          new ShardScopeFilter(sharded, resolver, scopes(), ExemptPaths.of(request, environment)),
          request.order() + 30);
    }
  }
}
