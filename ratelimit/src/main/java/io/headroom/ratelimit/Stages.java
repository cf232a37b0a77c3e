package io.headroom.ratelimit;

import io.headroom.redis.RedisCallException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One request that takes several stages: all of them, or none. For one request. */
final class Stages {

  private final List<Stage> stages;
  private final long permits;
  private final long untilNanos;
  private final List<Stage.Told> taken = new ArrayList<>();
  private final CompletableFuture<Decision> decision = new CompletableFuture<>();

  Stages(List<Stage> stages, long permits, long untilNanos) {
    this.stages = stages;
    this.permits = permits;
    this.untilNanos = untilNanos;
  }

  /** Fails if one of them does; what the ones before took is given back then as well. */
  CompletableFuture<Decision> take() {
    var unused = stages.get(taken.size()).take(permits, untilNanos).whenComplete(this::goOn);
    return decision;
  }

  private void goOn(Stage.@Nullable Told told, @Nullable Throwable failure) {
    if (told != null && told.decision().allowed()) {
      taken.add(told);
      if (taken.size() == stages.size()) {
        decision.complete(least());
      } else {
        var unused = take();
      }
      return;
    }
    for (int i = 0; i < taken.size(); i++) {
      stages.get(i).giveBack(permits, taken.get(i));
    }
    if (told == null) {
      decision.completeExceptionally(RedisCallException.of(failure));
    } else {
      decision.complete(told.decision());
    }
  }

  private Decision least() {
    Decision least = taken.get(0).decision();
    for (Stage.Told told : taken) {
      least = told.decision().decidesBefore(least) ? told.decision() : least;
    }
    return least;
  }
}
