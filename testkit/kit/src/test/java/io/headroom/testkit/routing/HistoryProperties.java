package io.headroom.testkit.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.ConsistencyToken.Position;
import io.headroom.testkit.routing.HistoryViolation.Promise;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

/** Two clients over a model: routed by tokens all is well, routed anyhow the checker notices. */
class HistoryProperties {

  private enum Event {
    WRITE,
    WRITE_TO_PAGE_END,
    READ,
    APPLY,
    CUT_OFF,
    HEAL
  }

  private record Step(Event event, int client, int server) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return Combinators.combine(
            Arbitraries.of(Event.class),
            Arbitraries.integers().between(0, 1),
            Arbitraries.integers().between(0, 2))
        .as(Step::new)
        .list()
        .ofMaxSize(80);
  }

  /** What the clients have seen, the way a token says it. */
  private final Map<String, Position> seen = new HashMap<>();

  @Property
  void readsThatHonourTokensKeepEveryPromise(@ForAll("steps") List<Step> steps) {
    ReplicaModel model = ReplicaModel.of(2);
    HistoryRecorder history =
        run(
            model,
            steps,
            (client, server) -> !seen.containsKey(client) || model.has(server, seen.get(client)));
    HistoryChecker.of(history).verify();
  }

  @Property
  void readsThatDoNotAreFoundExactlyWhenTheyWereStale(@ForAll("steps") List<Step> steps) {
    ReplicaModel model = ReplicaModel.of(2);
    boolean[] stale = new boolean[1];
    HistoryRecorder history =
        run(
            model,
            steps,
            (client, server) -> {
              // one key for each client: he sees that he is behind if its version went back
              long version = model.read(server, client);
              stale[0] |= version < highest.getOrDefault(client, 0L);
              return true;
            });
    List<HistoryViolation> violations = HistoryChecker.of(history).violations();
    Statistics.collect(stale[0]);

    assertThat(!violations.isEmpty()).isEqualTo(stale[0]);
    assertThat(violations)
        .extracting(HistoryViolation::promise)
        .allMatch(
            promise -> promise == Promise.READ_YOUR_WRITES || promise == Promise.MONOTONIC_READS);
  }

  @Property
  void aPromotionLosesJustWhatTheCheckerFinds(@ForAll("steps") List<Step> steps) {
    ReplicaModel model = ReplicaModel.of(2);
    HistoryRecorder history = run(model, steps, (client, server) -> server == model.primary());
    Map<String, Long> before = model.contents(0);
    model.promote(1);
    Map<String, Long> after = model.contents(1);
    for (String key : before.keySet()) {
      history.endsWith(key, after.getOrDefault(key, 0L));
    }

    assertThat(HistoryChecker.of(history).violations().isEmpty()).isEqualTo(before.equals(after));
  }

  private final Map<String, Long> highest = new HashMap<>();

  private HistoryRecorder run(
      ReplicaModel model, List<Step> steps, BiPredicate<String, Integer> mayRead) {
    HistoryRecorder history = HistoryRecorder.create();
    seen.clear();
    highest.clear();
    for (Step step : steps) {
      String client = "client-" + step.client();
      int server = step.server();
      switch (step.event()) {
        case WRITE, WRITE_TO_PAGE_END -> {
          long version = model.read(model.primary(), client) + 1;
          PendingWrite write = history.write(client, client, version);
          seen.put(
              client,
              step.event() == Event.WRITE
                  ? model.write(client, version)
                  : model.writeToPageEnd(client, version));
          highest.put(client, version);
          write.acknowledged();
        }
        case READ -> {
          if (mayRead.test(client, server)) {
            PendingRead read = history.read(client, client).on("server-" + server);
            read.returned(model.read(server, client));
          }
        }
        case APPLY -> model.apply(server, 1 + step.client());
        case CUT_OFF -> model.cutOff(server);
        case HEAL -> model.heal(server);
      }
    }
    return history;
  }
}
