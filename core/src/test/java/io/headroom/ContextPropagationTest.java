package io.headroom;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.RequestContext.Scope;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Through Micrometer's own registry and snapshots, which find the accessor by themselves. */
@SuppressWarnings("try") // scopes are opened for their effect
class ContextPropagationTest {

  private final ContextSnapshotFactory snapshots =
      ContextSnapshotFactory.builder().clearMissing(true).build();
  private final RequestContext one = RequestContext.builder().resource("one").build();
  private final RequestContext two = RequestContext.builder().resource("two").build();

  @AfterEach
  void nothingIsLeftAttached() {
    assertThat(attached()).isNull();
  }

  @Test
  void theServiceLoaderFindsTheAccessor() {
    assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
        .anySatisfy(accessor -> assertThat(accessor.key()).isEqualTo(RequestContextAccessor.KEY));
  }

  @Test
  void aSnapshotCarriesTheContextToAnotherThread() throws Exception {
    ExecutorService otherThread = Executors.newSingleThreadExecutor();
    try {
      ContextSnapshot snapshot = snapshotOf(one);

      assertThat(otherThread.submit(snapshot.wrap(RequestContext::current)).get()).isSameAs(one);
      assertThat(otherThread.submit(ContextPropagationTest::attached).get()).isNull();
    } finally {
      otherThread.shutdownNow();
    }
  }

  @Test
  void aSnapshotOfNothingHidesWhatIsAttached() {
    ContextSnapshot nothing = snapshots.captureAll();
    try (Scope scope = one.attach()) {
      try (ContextSnapshot.Scope cleared = nothing.setThreadLocals()) {
        assertThat(attached()).isNull();
        assertThat(RequestContext.current().resource()).isEmpty();
      }
      assertThat(attached()).isSameAs(one);
    }
  }

  @Test
  void snapshotsAndScopesNest() {
    ContextSnapshot ofTwo = snapshotOf(two);
    ContextSnapshot ofOne = snapshotOf(one);
    try (Scope outer = one.attach()) {
      try (ContextSnapshot.Scope second = ofTwo.setThreadLocals()) {
        assertThat(attached()).isSameAs(two);
        try (ContextSnapshot.Scope third = ofOne.setThreadLocals()) {
          assertThat(attached()).isSameAs(one);
          try (Scope inner = two.attach()) {
            assertThat(attached()).isSameAs(two);
          }
          assertThat(attached()).isSameAs(one);
        }
        assertThat(attached()).isSameAs(two);
      }
      assertThat(attached()).isSameAs(one);
    }
  }

  @Test
  void aSnapshotOfTheSameContextNestsToo() {
    ContextSnapshot ofOne = snapshotOf(one);
    try (ContextSnapshot.Scope first = ofOne.setThreadLocals()) {
      try (Scope scope = one.attach()) {
        try (ContextSnapshot.Scope second = ofOne.setThreadLocals()) {
          try (ContextSnapshot.Scope third = ofOne.setThreadLocals()) {
            assertThat(attached()).isSameAs(one);
          }
          assertThat(attached()).isSameAs(one);
        }
        assertThat(attached()).isSameAs(one);
      }
      assertThat(attached()).isSameAs(one);
    }
  }

  @Test
  void aScopeLeftOpenEndsWithTheSnapshotAroundIt() {
    Scope leftOpen;
    try (ContextSnapshot.Scope snapshot = snapshotOf(one).setThreadLocals()) {
      leftOpen = two.attach();
    }
    assertThat(attached()).isNull();
    leftOpen.close();
    assertThat(attached()).isNull();
  }

  @Test
  void valuesSetWithoutBeingRestoredDoNotPileUp() {
    RequestContextAccessor accessor = new RequestContextAccessor();
    for (int i = 0; i < 100; i++) {
      accessor.setValue(one);
      accessor.setValue(two);
      accessor.setValue();
    }
    assertThat(attached()).isNull();
    accessor.setValue(one);
    assertThat(attached()).isSameAs(one);
    accessor.restore();
    assertThat(attached()).isNull();
  }

  private ContextSnapshot snapshotOf(RequestContext context) {
    try (Scope scope = context.attach()) {
      return snapshots.captureAll();
    }
  }

  private static RequestContext attached() {
    return ContextStack.ofThread().attached();
  }
}
