package io.headroom.spring.boot;

import io.headroom.sharding.ShardedDataSource;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
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
  private static final Parameter NONE = new Parameter(-1, "");

  private final Map<Method, Parameter> parameters = new ConcurrentHashMap<>();

  /** Classes in which nothing is hidden: of a prototype there is a bean for each use. */
  private final Set<Class<?>> seen = ConcurrentHashMap.newKeySet();

  private final Supplier<ShardedDataSource> sharded;
  private final KeyedScopes scopes;

  /**
   * Where a method has its key.
   *
   * @param index from 0; -1 if it has none
   * @param where the method's name, with its class
   */
  private record Parameter(int index, String where) {

    private boolean isThere() {
      return index >= 0;
    }
  }

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
      Parameter parameter = parameter(called);
      Object key = invocation.getArguments()[parameter.index()];
      if (key == null) {
        throw new IllegalArgumentException(
            "the shard key must not be null, since no shard owns null: parameter "
                + parameter.index()
                + " of "
                + parameter.where());
      }
      return scopes.<Object, Exception>call(
          sharded.get(), key, parameter.where(), () -> proceed(invocation));
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

  private Parameter parameter(Method method) {
    Parameter known = parameters.get(method);
    return known == null ? parameters.computeIfAbsent(method, ShardKeyAdvisor::find) : known;
  }

  private static Parameter find(Method method) {
    Parameter found = NONE;
    if (method.getParameterCount() > 0) {
      for (MethodParameter each : new AnnotatedMethod(method).getMethodParameters()) {
        if (each.hasParameterAnnotation(ShardKey.class)) {
          if (found.isThere()) {
            throw new IllegalStateException(
                ClassUtils.getQualifiedMethodName(method)
                    + " has @ShardKey at two parameters: a statement has one shard. Leave one");
          }
          found =
              new Parameter(each.getParameterIndex(), ClassUtils.getQualifiedMethodName(method));
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
  void requireSeen(Class<?> type) {
    if (seen.contains(type)) {
      return;
    }
    if (!Proxy.isProxyClass(type) && isCandidate(type)) {
      requireSeenMethods(type);
    }
    seen.add(type); // only now: one that has such has them at the next bean, too
  }

  private static void requireSeenMethods(Class<?> type) {
    for (Class<?> each = type; each != null && isCandidate(each); each = each.getSuperclass()) {
      for (Method method : each.getDeclaredMethods()) {
        int modifiers = method.getModifiers();
        if (!method.isSynthetic()
            && (Modifier.isPrivate(modifiers)
                || Modifier.isStatic(modifiers)
                || Modifier.isFinal(modifiers))
            && find(method).isThere()) {
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
      return parameter(AopUtils.getMostSpecificMethod(method, target)).isThere();
    }
  }
}
