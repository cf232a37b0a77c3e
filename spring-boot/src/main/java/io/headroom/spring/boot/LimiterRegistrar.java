package io.headroom.spring.boot;

import io.headroom.ratelimit.RateLimiter;
import java.util.Map;
import java.util.Objects;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ImportBeanDefinitionRegistrar;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotationMetadata;

/**
 * Has each limit that is for code to ask be a bean, which its name qualifies. The type of what it
 * is asked for is left open, for the place of injection to say.
 */
final class LimiterRegistrar implements ImportBeanDefinitionRegistrar {

  private final Environment environment;
  private final BeanFactory beans;

  LimiterRegistrar(Environment environment, BeanFactory beans) {
    this.environment = environment;
    this.beans = beans;
  }

  @Override
  public void registerBeanDefinitions(
      AnnotationMetadata metadata, BeanDefinitionRegistry registry) {
    Map<String, LimitProperties> limits;
    try {
      limits =
          Binder.get(environment)
              .bind("headroom.limits", Bindable.mapOf(String.class, LimitProperties.class))
              .orElse(Map.of());
    } catch (BindException wrong) {
      return; // the same stops the start, and tells where it stands
    }
    limits.forEach(
        (name, limit) -> {
          if (!limit.http()) {
            RootBeanDefinition definition =
                new RootBeanDefinition(RateLimiter.class, () -> limiter(name));
            definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, name));
            registry.registerBeanDefinition(Limiters.AT + name, definition);
          }
        });
  }

  private RateLimiter<Object> limiter(String name) {
    return Objects.requireNonNull(beans.getBean(Limiters.class).inCode().get(name), name);
  }
}
