package io.headroom.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.Criticality;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;

/** The gate beside a model of lists, for any sequence of calls. */
class GateProperties {

  enum What {
    COMES,
    COMES_NESTED,
    GOES,
    GIVES_UP,
    RESIZE
  }

  record Step(What what, Criticality criticality, int number) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    Arbitrary<What> what =
        Arbitraries.frequencyOf(
            Tuple.of(8, Arbitraries.just(What.COMES)),
            Tuple.of(1, Arbitraries.just(What.COMES_NESTED)),
            Tuple.of(5, Arbitraries.just(What.GOES)),
            Tuple.of(2, Arbitraries.just(What.GIVES_UP)),
            Tuple.of(1, Arbitraries.just(What.RESIZE)));
    return Combinators.combine(
            what, Arbitraries.of(Criticality.class), Arbitraries.integers().between(0, 100))
        .as(Step::new)
        .list()
        .ofMaxSize(200);
  }

  /** The gate as it ought to be, slow and plain. */
  private static final class Model {
    private int limit;
    private int reserved;
    private final int mostWaiting;
    private int inUse;
    private final List<Waiter> waiting = new ArrayList<>();

    private Model(int limit, int mostWaiting) {
      this.limit = limit;
      this.mostWaiting = mostWaiting;
    }

    private int limitOf(Criticality criticality, boolean nested) {
      return nested || criticality == Criticality.CRITICAL ? limit : Math.max(1, limit - reserved);
    }

    private Optional<Waiter> first() {
      return waiting.stream().min(Comparator.comparingInt(Waiter::rank)); // the first of equals
    }

    private void letIn() {
      for (int rank = 0; rank < 4; rank++) {
        int of = rank;
        while (true) {
          Optional<Waiter> next = waiting.stream().filter(each -> each.rank() == of).findFirst();
          if (next.isEmpty() || inUse >= limitOf(next.get().criticality(), next.get().isNested())) {
            break;
          }
          waiting.remove(next.get());
          inUse++;
        }
      }
    }
  }

  @Property
  void itDoesWhatTheModelDoes(
      @ForAll("steps") List<Step> steps,
      @ForAll @IntRange(min = 1, max = 6) int limit,
      @ForAll @IntRange(min = 1, max = 5) int mostWaiting) {
    Gate gate = new Gate(limit);
    Model model = new Model(limit, mostWaiting);
    List<Waiter> all = new ArrayList<>();
    for (Step step : steps) {
      switch (step.what()) {
        case COMES, COMES_NESTED -> {
          boolean nested = step.what() == What.COMES_NESTED && model.inUse > 0;
          Waiter waiter = new Waiter(step.criticality(), nested, all.size());
          boolean room =
              model.inUse < model.limitOf(step.criticality(), nested)
                  && model.first().map(first -> first.rank() > waiter.rank()).orElse(true);
          if (!nested && model.waiting.isEmpty()) {
            assertThat(gate.tryEnter(step.criticality(), 0)).isEqualTo(room);
            if (room) {
              model.inUse++;
              break;
            }
          }
          comes(gate, model, waiter, room);
          all.add(waiter);
        }
        case GOES -> {
          if (model.inUse > 0) {
            gate.leave();
            model.inUse--;
            model.letIn();
          }
        }
        case GIVES_UP -> {
          if (!all.isEmpty()) {
            Waiter waiter = all.get(step.number() % all.size());
            assertThat(gate.giveUp(waiter)).isEqualTo(model.waiting.remove(waiter));
          }
        }
        case RESIZE -> {
          model.limit = 1 + step.number() % 8;
          model.reserved = step.number() % 3 % model.limit;
          gate.limit(model.limit, model.reserved);
          model.letIn();
        }
      }
      assertThat(gate.inUse()).isEqualTo(model.inUse);
      assertThat(gate.waiting()).isEqualTo(model.waiting.size());
      for (Waiter waiter : all) {
        assertThat(waiter.fate() == Waiter.Fate.WAITING)
            .as("%s", waiter)
            .isEqualTo(model.waiting.contains(waiter));
      }
    }
  }

  private static void comes(Gate gate, Model model, Waiter waiter, boolean room) {
    boolean full = model.waiting.size() >= model.mostWaiting && !waiter.isNested();
    Optional<Waiter> last =
        model.waiting.stream()
            .filter(each -> each.rank() > waiter.rank())
            .reduce((one, other) -> other.rank() >= one.rank() ? other : one);
    Gate.Place place = gate.enterOrQueue(waiter, model.mostWaiting);
    if (room) {
      assertThat(place).isEqualTo(Gate.Place.ADMITTED);
      waiter.decide(Waiter.Fate.ADMITTED);
      model.inUse++;
    } else if (full && last.isEmpty()) {
      assertThat(place).isEqualTo(Gate.Place.FULL);
      waiter.decide(Waiter.Fate.GONE);
    } else {
      assertThat(place).isEqualTo(Gate.Place.QUEUED);
      if (full) {
        assertThat(last.get().fate()).isEqualTo(Waiter.Fate.DISPLACED);
        model.waiting.remove(last.get());
      }
      model.waiting.add(waiter);
    }
  }
}
