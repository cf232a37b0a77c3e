package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import com.sun.management.ThreadMXBean;
import io.headroom.RequestContext.Scope;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("try") // scopes are opened for their effect
class RequestContextTest {

  private final HandTime time = new HandTime();
  private final ExecutorService otherThread = Executors.newSingleThreadExecutor();
  private final RequestContext context = RequestContext.builder().build();

  @AfterEach
  void nothingIsLeftAttached() {
    otherThread.shutdownNow();
    assertThat(ContextStack.ofThread().attached()).isNull();
  }

  @Test
  void defaultsWhereNothingIsAttached() {
    RequestContext current = RequestContext.current();

    assertThat(current.criticality()).isEqualTo(Criticality.STANDARD);
    assertThat(current.remaining()).isEmpty();
    assertThat(current.cohort()).isEmpty();
    assertThat(current.resource()).isEmpty();
    assertThat(current.inWriteTransaction()).isFalse();
    assertThat(current.token()).isSameAs(ConsistencyToken.NONE);
    assertThat(current).hasToString("RequestContext[STANDARD]");
  }

  @Test
  void countsWriteTransactionsOfAThreadWithNothingAttached() throws Exception {
    RequestContext mine = RequestContext.current();
    mine.writeTransactionOpened();
    try {
      assertThat(RequestContext.current().inWriteTransaction()).isTrue();
      assertThat(onOtherThread(() -> RequestContext.current().inWriteTransaction())).isFalse();
      assertThat(RequestContext.current().toBuilder().build().inWriteTransaction()).isTrue();
      assertThat(context.inWriteTransaction()).isFalse();
    } finally {
      otherThread.submit(mine::writeTransactionClosed).get(); // a pool's reaper may close it
    }
    assertThat(RequestContext.current().inWriteTransaction()).isFalse();
  }

  @Test
  void isCurrentWhileAttached() {
    RequestContext inner = RequestContext.builder().resource("shard-07").build();
    try (Scope outerScope = context.attach()) {
      try (Scope innerScope = inner.attach()) {
        assertThat(RequestContext.current()).isSameAs(inner);
      }
      assertThat(RequestContext.current()).isSameAs(context);
    }
    assertThat(RequestContext.current()).isNotSameAs(context);
  }

  @Test
  void attachedIsEmptyWhereNothingIsAttached() {
    assertThat(RequestContext.attached()).isEmpty();
    try (Scope scope = context.attach()) {
      assertThat(RequestContext.attached()).containsSame(context);
    }
    assertThat(RequestContext.attached()).isEmpty();
  }

  @Test
  void closingAgainDoesNothing() {
    Scope scope = context.attach();
    scope.close();
    try (Scope other = RequestContext.builder().build().attach()) {
      RequestContext attached = RequestContext.current();
      scope.close();
      assertThat(RequestContext.current()).isSameAs(attached);
    }
  }

  @Test
  void closingOutOfOrderIsAnErrorThatLeavesTheThreadClean() {
    Scope outer = context.attach();
    Scope inner = context.attach();

    assertThatIllegalStateException()
        .isThrownBy(outer::close)
        .withMessageContaining("before 1 attached after it")
        .withMessageContaining("try-with-resources");
    assertThat(ContextStack.ofThread().attached()).isNull();
    inner.close();
    assertThat(ContextStack.ofThread().attached()).isNull();
  }

  @Test
  void closingOnAnotherThreadIsAnErrorThatChangesNothing() throws Exception {
    try (Scope scope = context.attach()) {
      String message =
          onOtherThread(
              () -> {
                try {
                  scope.close();
                  return "none";
                } catch (IllegalStateException e) {
                  return e.getMessage();
                }
              });

      assertThat(message).contains("on the thread that attached it").contains("wrap(...)");
      assertThat(RequestContext.current()).isSameAs(context);
    }
  }

  @Test
  void derivedContextsShareTheTokenAndTheWriteTransactions() {
    RequestContext part = context.toBuilder().criticality(Criticality.CRITICAL).build();
    part.observe(ConsistencyToken.of("orders", 1, 7));
    context.observe(ConsistencyToken.of("users", 1, 8));
    part.writeTransactionOpened();
    part.writeTransactionOpened();
    part.writeTransactionClosed();

    assertThat(part.token()).isSameAs(context.token());
    assertThat(context.token().domains()).containsExactly("orders", "users");
    assertThat(context.inWriteTransaction()).isTrue();
    part.writeTransactionClosed();
    assertThat(context.inWriteTransaction()).isFalse();
  }

  @Test
  void requestsShareNothing() {
    RequestContext.Builder builder = RequestContext.builder();
    RequestContext one = builder.build();
    RequestContext other = builder.build();
    one.observe(ConsistencyToken.of("orders", 1, 7));
    one.writeTransactionOpened();

    assertThat(other.token().isEmpty()).isTrue();
    assertThat(other.inWriteTransaction()).isFalse();
  }

  @Test
  void closingAWriteTransactionTooMuchIsAnError() {
    assertThatIllegalStateException()
        .isThrownBy(context::writeTransactionClosed)
        .withMessageContaining("no write transaction is open");
    context.writeTransactionOpened();
    assertThat(context.inWriteTransaction()).isTrue();
  }

  @Test
  void whatIsLeftForWriteTransactionsIsDoneAtTheEndOfEach() {
    List<String> done = new ArrayList<>();
    assertThat(context.afterWriteTransactions("a", () -> done.add("at once"))).isFalse();
    context.writeTransactionOpened();
    context.writeTransactionOpened();
    assertThat(context.afterWriteTransactions("a", () -> done.add("replaced"))).isTrue();
    assertThat(context.afterWriteTransactions("a", () -> done.add("a"))).isTrue();
    context.afterWriteTransactions(
        "b",
        () -> {
          throw new IllegalStateException("thrown by a test");
        });
    context.afterWriteTransactions("c", () -> done.add("c"));
    assertThat(context.awaitsWriteTransactions("a")).isTrue();
    assertThat(context.awaitsWriteTransactions("d")).isFalse();

    context.writeTransactionClosed();
    assertThat(done).containsExactly("a", "c");
    assertThat(context.awaitsWriteTransactions("a")).as("another is open").isTrue();
    context.writeTransactionClosed();
    assertThat(done).containsExactly("a", "c", "a", "c");
    assertThat(context.awaitsWriteTransactions("a")).isFalse();
    context.writeTransactionOpened();
    context.writeTransactionClosed();
    assertThat(done).hasSize(4);
  }

  @Test
  void wrappedTasksTakeTheContextAlong() throws Exception {
    List<RequestContext> seen = new ArrayList<>();
    otherThread.submit(context.wrap(() -> seen.add(RequestContext.current()))).get();
    otherThread.submit(context.wrap((Callable<RequestContext>) RequestContext::current)).get();
    otherThread
        .submit(() -> context.wrap(Runnable::run).execute(() -> seen.add(RequestContext.current())))
        .get();
    seen.add(onOtherThread(() -> context.wrapSupplier(RequestContext::current).get()));
    seen.add(onOtherThread(context.wrap((Callable<RequestContext>) RequestContext::current)));

    assertThat(seen).hasSize(4).containsOnly(context);
    assertThat(onOtherThread(RequestContext::current)).isNotSameAs(context);
  }

  @Test
  void aWrappedTaskThatFailsLeavesNothingAttached() {
    Runnable failing =
        context.wrap(
            (Runnable)
                () -> {
                  throw new IllegalStateException("on purpose");
                });

    assertThatIllegalStateException().isThrownBy(failing::run).withMessage("on purpose");
  }

  @Test
  void aWrappedTaskThatFailsWithAScopeLeftOpenIsReportedAsItself() {
    Callable<Void> failing =
        () -> {
          RequestContext.builder().build().attach();
          throw new IllegalArgumentException("on purpose");
        };
    List<ThrowingCallable> wrapped =
        List.of(
            context.wrap(failing)::call,
            context.wrap((Runnable) () -> rethrown(failing))::run,
            context.wrapSupplier(() -> rethrown(failing))::get);

    for (ThrowingCallable task : wrapped) {
      assertThatIllegalArgumentException()
          .isThrownBy(task)
          .withMessage("on purpose")
          .satisfies(
              failure ->
                  assertThat(failure.getSuppressed())
                      .singleElement()
                      .asString()
                      .contains("closed before 1 attached after it"));
      assertThat(ContextStack.ofThread().attached()).isNull();
    }
  }

  private static Object rethrown(Callable<Void> failing) {
    try {
      return failing.call();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void deadlinesRunOutAndStayAtZero() {
    RequestContext timed = RequestContext.builder().timeout(Duration.ofSeconds(2), time).build();

    assertThat(timed.remaining()).contains(Duration.ofSeconds(2));
    time.advance(Duration.ofMillis(500));
    assertThat(timed.remaining()).contains(Duration.ofMillis(1500));
    time.advance(Duration.ofDays(1));
    assertThat(timed.remaining()).contains(Duration.ZERO);
  }

  @Test
  void aPartCanNotOutliveTheWhole() {
    RequestContext whole = RequestContext.builder().timeout(Duration.ofSeconds(2), time).build();
    RequestContext shorter = whole.toBuilder().timeout(Duration.ofSeconds(1), time).build();
    RequestContext longer = whole.toBuilder().timeout(Duration.ofSeconds(9), time).build();

    assertThat(shorter.remaining()).contains(Duration.ofSeconds(1));
    assertThat(longer.remaining()).contains(Duration.ofSeconds(2));
    assertThat(whole.toBuilder().timeout(Duration.ofDays(1)).build().remaining())
        .contains(Duration.ofSeconds(2));
  }

  @Test
  void whatGoesOnWithoutTheRequestHasNoDeadlineAndAllTheRest() {
    RequestContext.Key<String> key = RequestContext.Key.named("key");
    RequestContext whole =
        RequestContext.builder()
            .timeout(Duration.ofSeconds(2), time)
            .cohort(0.25)
            .with(key, "value")
            .build();

    RequestContext free = whole.toBuilder().withoutDeadline().build();

    assertThat(free.remaining()).isEmpty();
    assertThat(free.cohort()).hasValue(0.25);
    assertThat(free.<String>get(key)).isEqualTo("value");
    whole.observe(ConsistencyToken.of("database", 1, 1));
    assertThat(free.token()).isEqualTo(whole.token());
    assertThat(free.toBuilder().timeout(Duration.ofSeconds(9), time).build().remaining())
        .contains(Duration.ofSeconds(9));
    assertThat(whole.remaining()).contains(Duration.ofSeconds(2));
  }

  @Test
  void hugeTimeoutsAreCappedAndStillCompare() {
    Duration huge = Duration.ofSeconds(Long.MAX_VALUE);
    RequestContext whole = RequestContext.builder().timeout(huge, time).build();

    assertThat(whole.remaining().orElseThrow().toDays()).isBetween(365L * 145, 365L * 147);
    time.advance(Duration.ofDays(30));
    assertThat(whole.toBuilder().timeout(huge, time).build().remaining())
        .isEqualTo(whole.remaining());
  }

  @Test
  void refusesTimeoutsThatLeaveNoTime() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestContext.builder().timeout(Duration.ZERO))
        .withMessageContaining("timeout must be more than zero, was PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RequestContext.builder().timeout(Duration.ofMillis(-5)))
        .withMessageContaining("was PT-0.005S");
  }

  @Test
  void cohortsAreStableAndSpreadOverAllSlots() {
    int[] sampledBySlot = new int[4];
    int users = 40_000;
    for (long user = 0; user < users; user++) {
      double cohort = RequestContext.builder().cohortOf(user).build().cohort().orElseThrow();
      assertThat(cohort)
          .isBetween(0.0, Math.nextDown(1.0))
          .isEqualTo(RequestContext.builder().cohortOf((int) user).build().cohort().orElseThrow());
      if (cohort < 0.1) {
        sampledBySlot[(int) (KeyHash.of(user) & 3)]++;
      }
    }
    // 1,000 expected, a standard deviation of about 31: six of them, and the keys are fixed
    for (int sampled : sampledBySlot) {
      assertThat(sampled).isBetween(users / 40 - 190, users / 40 + 190);
    }
  }

  @Test
  void refusesCohortsOutsideTheirRange() {
    for (double bad : new double[] {-0.1, 1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> RequestContext.builder().cohort(bad))
          .withMessageContaining("was " + bad);
    }
    assertThat(RequestContext.builder().cohort(0).build().cohort()).hasValue(0);
  }

  @Test
  void attributesAreFoundByTheirKeyNotItsName() {
    RequestContext.Key<String> scope = RequestContext.Key.named("scope");
    RequestContext.Key<String> sameName = RequestContext.Key.named("scope");
    RequestContext.Key<Integer> number = RequestContext.Key.named("number");
    RequestContext outer = RequestContext.builder().with(scope, "a").with(number, 1).build();
    RequestContext inner = outer.toBuilder().with(scope, "b").build();

    assertThat(outer.get(scope)).isEqualTo("a");
    assertThat(inner.get(scope)).isEqualTo("b");
    assertThat(inner.get(number)).isEqualTo(1);
    assertThat(inner.get(sameName)).isNull();
    assertThat(scope).hasToString("scope");
    assertThatNullPointerException()
        .isThrownBy(() -> outer.toBuilder().with(scope, null))
        .withMessage("value of scope must not be null");
  }

  @Test
  void toStringNamesWhatIsSetButNoValuesOfAttributes() {
    RequestContext full =
        RequestContext.builder()
            .criticality(Criticality.SHEDDABLE)
            .timeout(Duration.ofSeconds(3), time)
            .cohort(0.25)
            .resource("shard-07")
            .with(RequestContext.Key.named("tenant"), "secret")
            .build();
    full.writeTransactionOpened();

    assertThat(full)
        .hasToString(
            "RequestContext[SHEDDABLE, PT3S left, cohort 0.25, resource shard-07, tenant, in a"
                + " write transaction]");
  }

  @Test
  void currentAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    RequestContext.Key<String> key = RequestContext.Key.named("key");
    RequestContext attached = RequestContext.builder().with(key, "value").build();
    int found = 0;
    int rounds = 100_000;
    try (Scope scope = attached.attach()) {
      long start = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < rounds; i++) {
        RequestContext current = RequestContext.current();
        if (current.get(key) != null && !current.inWriteTransaction()) {
          found++;
        }
      }
      long allocated = threads.getCurrentThreadAllocatedBytes() - start;

      assertThat(found).isEqualTo(rounds);
      assertThat(allocated).isLessThan(rounds / 10);
    }
  }

  private <T> T onOtherThread(Callable<T> task) throws Exception {
    return otherThread.submit(task).get();
  }

  @Test
  void anUpperBoundIsCorrectedOnceAndMergedWithWhatCameMeanwhile() {
    ConsistencyToken.Position bound =
        new ConsistencyToken.Position(1, ConsistencyToken.Position.UNKNOWN);
    ConsistencyToken.Position found = new ConsistencyToken.Position(1, 7);
    RequestContext request = RequestContext.builder().build();
    request.observe(ConsistencyToken.of("orders", 1, ConsistencyToken.Position.UNKNOWN));
    request.correct("orders", bound, found);
    assertThat(request.token()).isEqualTo(ConsistencyToken.of("orders", 1, 7));
    request.observe(ConsistencyToken.of("orders", 1, 9));
    request.correct("orders", bound, found);
    assertThat(request.token()).isEqualTo(ConsistencyToken.of("orders", 1, 9));
    RequestContext.current().correct("orders", bound, found); // nothing attached: nothing happens
    assertThat(RequestContext.current().token()).isSameAs(ConsistencyToken.NONE);
  }
}
