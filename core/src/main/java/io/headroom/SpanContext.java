package io.headroom;

import io.micrometer.observation.Observation;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What {@link MicrometerSpans} tells Micrometer of a piece of work. An {@code
 * ObservationPredicate}, an {@code ObservationFilter}, a handler or a {@code
 * GlobalObservationConvention} that is to know ours from others' asks for this type.
 *
 * <p>Thread-safe, as far as it is not Micrometer's.
 */
@SuppressWarnings("exports") // seen only by who has the optional module
public final class SpanContext extends Observation.Context {

  private static final String NOT_YET = "unknown";

  private final Spans.Work work;
  private final Map<String, String> details = new ConcurrentHashMap<>();
  private volatile String outcome = NOT_YET;

  SpanContext(Spans.Work work) {
    this.work = Objects.requireNonNull(work);
    details.putAll(work.details());
  }

  /**
   * Returns what is done.
   *
   * @return the work, as it was described at its beginning
   */
  public Spans.Work work() {
    return work;
  }

  /**
   * Returns how it went.
   *
   * @return one of few words; {@code unknown} before the end
   */
  public String outcome() {
    return outcome;
  }

  /**
   * Returns what is known of it that may have any number of values.
   *
   * @return a copy, as of now
   */
  public Map<String, String> details() {
    return Map.copyOf(details);
  }

  void detail(String key, String value) {
    details.put(key, value);
  }

  void outcome(String how) {
    outcome = how;
  }
}
