package io.headroom.benchmarks;

import com.alibaba.csp.sentinel.Entry;
import com.alibaba.csp.sentinel.SphU;
import com.alibaba.csp.sentinel.slots.block.BlockException;
import com.alibaba.csp.sentinel.slots.block.RuleConstant;
import com.alibaba.csp.sentinel.slots.block.flow.FlowRule;
import com.alibaba.csp.sentinel.slots.block.flow.FlowRuleManager;
import com.netflix.concurrency.limits.limit.FixedLimit;
import com.netflix.concurrency.limits.limiter.SimpleLimiter;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.headroom.Criticality;
import io.headroom.benchmarks.stub.StubDataSource;
import io.headroom.guard.Admission;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.ManagedPool;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Asking at the door, and saying that the request has ended, when there is no load. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class GuardAdmit {
  private static final int AT_ONCE = 100;
  private static final String DOOR = "door";

  private ConnectionGuard guard;
  private Bulkhead bulkhead;
  private SimpleLimiter<Void> limiter;

  /** Sets all of them up, for a hundred requests at once. */
  @Setup
  public void open() {
    guard = ConnectionGuard.create();
    guard.protect("orders", ManagedPool.ofSize(new StubDataSource(), AT_ONCE));
    bulkhead =
        Bulkhead.of(
            DOOR,
            BulkheadConfig.custom()
                .maxConcurrentCalls(AT_ONCE)
                .maxWaitDuration(Duration.ZERO)
                .build());
    limiter = SimpleLimiter.newBuilder().limit(FixedLimit.of(AT_ONCE)).build();
    FlowRule rule = new FlowRule(DOOR);
    rule.setGrade(RuleConstant.FLOW_GRADE_THREAD);
    rule.setCount(AT_ONCE);
    FlowRuleManager.loadRules(List.of(rule));
  }

  /** Closes the guard. */
  @TearDown
  public void close() {
    guard.close();
  }

  /**
   * Ours.
   *
   * @return whether it admits
   */
  @Benchmark
  public boolean headroom() {
    try (Admission admission = guard.admit(Criticality.STANDARD)) {
      return admission.allowed();
    }
  }

  /**
   * Sentinel.
   *
   * @return whether it admits
   */
  @Benchmark
  public boolean sentinel() {
    try (Entry entry = SphU.entry(DOOR)) {
      return entry != null;
    } catch (BlockException refused) {
      return false;
    }
  }

  /**
   * Resilience4j.
   *
   * @return whether it admits
   */
  @Benchmark
  public boolean resilience4j() {
    boolean admitted = bulkhead.tryAcquirePermission();
    if (admitted) {
      bulkhead.onComplete();
    }
    return admitted;
  }

  /**
   * Netflix's limiter.
   *
   * @return whether it admits
   */
  @Benchmark
  public boolean concurrencyLimits() {
    return limiter
        .acquire(null)
        .map(
            listener -> {
              listener.onSuccess();
              return true;
            })
        .orElse(false);
  }
}
