package io.headroom.examples.quickstart;

import io.headroom.Criticality;
import java.util.List;
import java.util.Map;

/**
 * What a service made of a spike.
 *
 * @param came of what came in it
 * @param servedInSecond how many were served in time in each second of it, whenever they came
 * @param leftAtTheEnd how many had no answer when it was over
 * @param afterwards of what came after it
 */
record SpikeFigures(
    Map<Criticality, Requests> came,
    List<Long> servedInSecond,
    long leftAtTheEnd,
    Requests afterwards) {

  Requests came(Criticality criticality) {
    return came.getOrDefault(criticality, Requests.NONE);
  }

  /** Those of all criticalities. */
  Requests all() {
    return came.values().stream().reduce(Requests.NONE, Requests::plus);
  }

  /** How many were served in time in an average second after the first. */
  double servedPerSecond() {
    return servedInSecond.stream().skip(1).mapToLong(each -> each).average().orElse(0);
  }
}
