package io.headroom.benchmarks.stub;

import java.lang.reflect.Modifier;
import org.springframework.cglib.proxy.Callback;
import org.springframework.cglib.proxy.Enhancer;
import org.springframework.cglib.proxy.InvocationHandler;
import org.springframework.cglib.proxy.NoOp;

/**
 * Fills in the JDBC methods that nobody calls.
 *
 * <p>The three stubs write by hand what a benchmark calls, so that those are plain methods to the
 * JIT compiler; the other four hundred, added in a generated subclass, only say that they are not
 * there. (A {@code java.lang.reflect.Proxy} would add its dispatch to every call measured.)
 */
final class Completed {
  private static final InvocationHandler ABSENT =
      (proxy, method, arguments) -> {
        throw new UnsupportedOperationException("the stub has no " + method);
      };

  private Completed() {}

  static <T> T create(Class<T> type, Class<?>[] parameters, Object... arguments) {
    Enhancer enhancer = new Enhancer();
    enhancer.setSuperclass(type);
    enhancer.setCallbackFilter(method -> Modifier.isAbstract(method.getModifiers()) ? 0 : 1);
    enhancer.setCallbacks(new Callback[] {ABSENT, NoOp.INSTANCE});
    return type.cast(enhancer.create(parameters, arguments));
  }
}
