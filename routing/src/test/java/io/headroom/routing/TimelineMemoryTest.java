package io.headroom.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TimelineMemoryTest {

  private final Store store = new Store();
  private final TimelineMemory memory = new TimelineMemory("orders", store);

  private static final class Store implements TimelineStore {

    private final Map<String, Long> kept = new HashMap<>();
    private final List<Long> told = new ArrayList<>();
    private int asked;
    private boolean fails;

    @Override
    public OptionalLong highest(String cluster) throws IOException {
      asked++;
      failIfTold();
      return kept.containsKey(cluster) ? OptionalLong.of(kept.get(cluster)) : OptionalLong.empty();
    }

    @Override
    public void remember(String cluster, long timeline) throws IOException {
      told.add(timeline);
      failIfTold();
      kept.merge(cluster, timeline, Math::max);
    }

    private void failIfTold() throws IOException {
      if (fails) {
        throw new IOException("thrown by a test");
      }
    }
  }

  private static Verdict seen(long timeline, boolean settled) {
    return new Verdict(Verdict.NONE.topology(), "c", settled, timeline, 99, null);
  }

  @Test
  void asksOnceAndTellsWhatIsNew() {
    store.kept.put("c", 3L);
    memory.recall("c");
    memory.recall("c");
    assertThat(store.asked).isEqualTo(1);
    assertThat(memory.highest()).containsExactly(Map.entry("c", 3L));
    memory.keep(seen(3, true));
    memory.keep(seen(2, true));
    assertThat(store.told).isEmpty();
    memory.keep(seen(4, true));
    memory.keep(seen(4, true));
    assertThat(store.told).containsExactly(4L);
    assertThat(memory.highest()).containsExactly(Map.entry("c", 4L));
  }

  @Test
  void nothingIsKeptOfAClusterThatIsNotCertain() {
    memory.recall("c");
    memory.keep(seen(4, false));
    memory.keep(Verdict.NONE);
    assertThat(store.told).isEmpty();
  }

  /**
   * What it would have said may be more than this process can see: a replaced primary only, say.
   */
  @Test
  void aStoreThatDidNotAnswerIsAskedAgainEvenIfSomethingWasSeenSince() {
    store.kept.put("c", 4L);
    store.fails = true;
    memory.recall("c");
    store.fails = false;
    memory.keep(seen(3, true));
    assertThat(store.told).isEmpty();
    memory.recall("c");
    assertThat(memory.highest()).containsExactly(Map.entry("c", 4L));
  }

  @Test
  void whatCouldNotBeToldIsToldAgain() {
    memory.recall("c");
    store.fails = true;
    memory.keep(seen(4, true));
    store.fails = false;
    memory.keep(seen(4, true));
    memory.keep(seen(4, true));
    assertThat(store.told).containsExactly(4L, 4L);
    assertThat(store.kept).containsExactly(Map.entry("c", 4L));
  }

  @Test
  void withoutAStoreNothingIsRemembered() {
    TimelineMemory none = new TimelineMemory("orders", null);
    none.recall("c");
    none.keep(seen(4, true));
    assertThat(none.highest()).isEmpty();
  }
}
