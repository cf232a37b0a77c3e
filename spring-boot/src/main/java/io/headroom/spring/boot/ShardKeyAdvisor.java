package io.headroom.spring.boot;

import io.headroom.sharding.ShardedDataSource;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.core.MethodParameter;
import org.springframework.core.annotation.AnnotatedMethod;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;

/** Opens a scope around methods that have a parameter with {@link ShardKey}. Thread-safe. */
final class ShardKeyAdvisor {

  private static final String SPRINGS = "org.springframework.";
  private static final int NONE = -1;

  private final Map<Method, Integer> parameters = new ConcurrentHashMap<>();
  private final Supplier<ShardedDataSource> sharded;
  private final KeyedScopes scopes;

  /**
   * Over the application's data source.
   *
   * @param sharded asked for at the first call
   */
  ShardKeyAdvisor(Supplier<ShardedDataSource> sharded, KeyedScopes scopes) {
    this.sharded = sharded;
    this.scopes = scopes;
  }

  DefaultPointcutAdvisor advisor() {
    return new DefaultPointcutAdvisor(new Methods(), interceptor());
  }

  private MethodInterceptor interceptor() {
    return invocation -> {
      Object target = invocation.getThis();
      Method method = invocation.getMethod();
      Method called =
          target == null ? method : AopUtils.getMostSpecificMethod(method, target.getClass());
      int index = parameter(called);
      Object key = invocation.getArguments()[index];
      if (key == null) {
        throw new IllegalArgumentException(
            "the shard key must not be null, since no shard owns null: parameter "
                + index
                + " of "
                + ClassUtils.getQualifiedMethodName(called));
      }
      return scopes.<Object, Exception>call(
          sharded.get(), key, ClassUtils.getQualifiedMethodName(called), () -> proceed(invocation));
    };
  }

  /** What it throws comes through as it is. */
  @SuppressWarnings("NullAway") // what a method returns may be null, and is handed on
  private static Object proceed(MethodInvocation invocation) throws Exception {
    try {
      return invocation.proceed();
    } catch (Exception | Error thrown) {
      throw thrown;
    } catch (Throwable other) {
      throw new IllegalStateException(other); // neither: nobody declares such
    }
  }

  private int parameter(Method method) {
    Integer known = parameters.get(method);
    return known == null ? parameters.computeIfAbsent(method, ShardKeyAdvisor::find) : known;
  }

  private static int find(Method method) {
    int found = NONE;
    if (method.getParameterCount() > 0) {
      for (MethodParameter each : new AnnotatedMethod(method).getMethodParameters()) {
        if (each.hasParameterAnnotation(ShardKey.class)) {
          if (found != NONE) {
            throw new IllegalStateException(
                ClassUtils.getQualifiedMethodName(method)
                    + " has @ShardKey at two parameters: a statement has one shard. Leave one");
          }
          found = each.getParameterIndex();
        }
      }
    }
    return found;
  }

  /**
   * A method that no proxy sees would work without its scope, or in that of somebody else.
   *
   * @throws IllegalStateException if a class has such
   */
  static void requireSeen(Class<?> type) {
    if (Proxy.isProxyClass(type) || !isCandidate(type)) {
      return;
    }
    for (Class<?> each = type; each != null && isCandidate(each); each = each.getSuperclass()) {
      for (Method method : each.getDeclaredMethods()) {
        int modifiers = method.getModifiers();
        if (!method.isSynthetic()
            && (Modifier.isPrivate(modifiers)
                || Modifier.isStatic(modifiers)
                || Modifier.isFinal(modifiers))
            && find(method) != NONE) {
          throw new IllegalStateException(
              ClassUtils.getQualifiedMethodName(method)
                  + " has a parameter with @ShardKey, and is private, static or final: Spring would"
                  + " not see its calls, and open no scope. Make it public");
        }
      }
    }
  }

  static boolean isCandidate(Class<?> type) {
    return !type.getName().startsWith(SPRINGS)
        && AnnotationUtils.isCandidateClass(type, ShardKey.class);
  }

  private final class Methods extends StaticMethodMatcherPointcut {

    private Methods() {
      setClassFilter(ShardKeyAdvisor::isCandidate);
    }

    @Override
    public boolean matches(Method method, Class<?> target) {
      return parameter(AopUtils.getMostSpecificMethod(method, target)) != NONE;
    }
  }
}
