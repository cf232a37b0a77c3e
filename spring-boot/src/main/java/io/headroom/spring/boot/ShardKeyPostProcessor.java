package io.headroom.spring.boot;

import java.io.Serial;
import java.lang.reflect.Modifier;
import org.jspecify.annotations.Nullable;
import org.springframework.aop.framework.AopConfigException;
import org.springframework.aop.framework.autoproxy.AbstractBeanFactoryAwareAdvisingPostProcessor;
import org.springframework.aop.support.AopUtils;

/**
 * Puts the advisor of {@link ShardKey} before all others that a bean has by then, such as that of
 * {@code @Transactional}; that of {@code @Async} comes later, and so before it.
 */
final class ShardKeyPostProcessor extends AbstractBeanFactoryAwareAdvisingPostProcessor {

  @Serial private static final long serialVersionUID = 1L;

  private final transient ShardKeyAdvisor keys;

  /**
   * Makes it.
   *
   * @param classes whether proxies are of the bean's class, as Spring Boot makes all others
   */
  ShardKeyPostProcessor(ShardKeyAdvisor keys, boolean classes) {
    this.keys = keys;
    this.advisor = keys.advisor();
    setProxyTargetClass(classes);
    setBeforeExistingAdvisors(true);
    setOrder(LOWEST_PRECEDENCE - 1);
  }

  @Override
  public Object postProcessAfterInitialization(@Nullable Object bean, String name) {
    if (bean != null) {
      keys.requireSeen(AopUtils.getTargetClass(bean));
    }
    try {
      return super.postProcessAfterInitialization(bean, name);
    } catch (AopConfigException noProxy) {
      if (bean == null || !Modifier.isFinal(bean.getClass().getModifiers())) {
        throw noProxy;
      }
      throw new IllegalStateException(
          bean.getClass().getName()
              + " has a parameter with @ShardKey and is final, so that Spring cannot make a proxy"
              + " of the class. Let it be no final class (nor a record, nor a class of Kotlin that"
              + " is not open) or, where all know it by an interface, set"
              + " spring.aop.proxy-target-class=false",
          noProxy);
    }
  }
}
