package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.sharding.ShardMap;
import io.headroom.sharding.ShardRouter;
import io.headroom.sharding.ShardedDataSource;
import java.lang.management.ManagementFactory;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Method;
import java.util.Map;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** What {@link ShardKey} costs each call, and each bean, in bytes. */
class ShardKeyCostTest {

  private static final int ROUNDS = 20_000;

  private final DriverManagerDataSource nowhere = new DriverManagerDataSource(Applications.NOWHERE);
  private final ShardedDataSource sharded =
      ShardedDataSource.builder(ShardRouter.forLongs(ShardMap.of("s0", "s1")))
          .dataSources(Map.of("s0", nowhere, "s1", nowhere))
          .build();
  private final ShardKeyAdvisor keys =
      new ShardKeyAdvisor(() -> sharded, new KeyedScopes(() -> false));

  /** Short. */
  static class Books {
    public void of(@ShardKey long key) {}
  }

  /** So that its name, which only errors tell, takes more bytes than all else. */
  static class NamesThatTakeManyBytesForTheMostPartOfThisOne {
    static class NamesThatTakeManyBytesForTheMostPartOfThisOther {
      static class NamesThatTakeManyBytesForTheMostPartOfThisThird {
        public void of(@ShardKey long key) {}
      }
    }
  }

  private record Call(Method getMethod) implements MethodInvocation {

    private static final Object[] KEY = {5L};

    @Override
    public Object[] getArguments() {
      return KEY;
    }

    @Override
    public Object proceed() {
      return null;
    }

    @Override
    public Object getThis() {
      return null;
    }

    @Override
    public AccessibleObject getStaticPart() {
      return getMethod;
    }
  }

  /** Something of which it is measured what it allocates. */
  private interface Work {
    void once() throws Throwable;
  }

  private static long allocated(Work work) throws Throwable {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int round = 0; round < ROUNDS; round++) {
      work.once();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
  }

  private static Call call(Class<?> type) throws NoSuchMethodException {
    return new Call(type.getMethod("of", long.class));
  }

  @Test
  void aCallBuildsNoTextForErrors() throws Throwable {
    MethodInterceptor interceptor = (MethodInterceptor) keys.advisor().getAdvice();
    Call small = call(Books.class);
    Class<?> long3 =
        NamesThatTakeManyBytesForTheMostPartOfThisOne
            .NamesThatTakeManyBytesForTheMostPartOfThisOther
            .NamesThatTakeManyBytesForTheMostPartOfThisThird.class;
    Call large = call(long3);
    for (int warm = 0; warm < 5; warm++) {
      allocated(() -> interceptor.invoke(small));
      allocated(() -> interceptor.invoke(large));
    }
    long ofSmall = allocated(() -> interceptor.invoke(small));
    long ofLarge = allocated(() -> interceptor.invoke(large));
    int more = long3.getName().length() - Books.class.getName().length();
    assertThat(more).isGreaterThan(100);
    assertThat(ofLarge).isLessThan(ofSmall + more);
  }

  @Test
  void aClassIsLookedAtOnce() throws Throwable {
    keys.requireSeen(Books.class);
    // what it declares would be copied, of one class with one method some hundred bytes
    assertThat(allocated(() -> keys.requireSeen(Books.class))).isZero();
  }
}
