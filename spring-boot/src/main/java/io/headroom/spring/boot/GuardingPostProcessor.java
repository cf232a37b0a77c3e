package io.headroom.spring.boot;

import com.zaxxer.hikari.HikariDataSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.PriorityOrdered;

/**
 * Puts the guard in front of the pools that the application has by itself, by their bean names;
 * before anybody else wraps them, who would hide them.
 */
final class GuardingPostProcessor implements BeanPostProcessor, PriorityOrdered {

  private final ObjectProvider<GuardedPools> guard;

  GuardingPostProcessor(ObjectProvider<GuardedPools> guard) {
    this.guard = guard;
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    // Only a pool itself: what routes to pools, or wraps them, has such beans behind it.
    return bean instanceof HikariDataSource pool ? guard.getObject().protectOwn(name, pool) : bean;
  }
}
