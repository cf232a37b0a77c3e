package io.headroom;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** What doesn't change of a request's context. Immutable. */
final class RequestValues {

  static final RequestValues DEFAULTS =
      new RequestValues(
          Criticality.STANDARD, null, OptionalDouble.empty(), Optional.empty(), new Object[0]);

  private final Criticality criticality;
  private final @Nullable Deadline deadline;
  private final OptionalDouble cohort;
  private final Optional<String> resource;

  /** Keys and values in turn: few, looked up by identity on every borrow of a connection. */
  private final Object[] attributes;

  private RequestValues(
      Criticality criticality,
      @Nullable Deadline deadline,
      OptionalDouble cohort,
      Optional<String> resource,
      Object[] attributes) {
    this.criticality = criticality;
    this.deadline = deadline;
    this.cohort = cohort;
    this.resource = resource;
    this.attributes = attributes;
  }

  Criticality criticality() {
    return criticality;
  }

  Optional<Duration> remaining() {
    return deadline == null
        ? Optional.empty()
        : Optional.of(Duration.ofNanos(Math.max(0, deadline.nanosLeft())));
  }

  OptionalDouble cohort() {
    return cohort;
  }

  Optional<String> resource() {
    return resource;
  }

  @Nullable Object attribute(RequestContext.Key<?> key) {
    Object[] pairs = attributes;
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i] == key) {
        return pairs[i + 1];
      }
    }
    return null;
  }

  RequestValues withCriticality(Criticality next) {
    Objects.requireNonNull(next, "criticality must not be null");
    return new RequestValues(next, deadline, cohort, resource, attributes);
  }

  /** Keeps the one that comes sooner; they may be of different clocks. */
  RequestValues withDeadline(Deadline next) {
    return deadline == null || next.nanosLeft() < deadline.nanosLeft()
        ? new RequestValues(criticality, next, cohort, resource, attributes)
        : this;
  }

  RequestValues withoutDeadline() {
    return deadline == null
        ? this
        : new RequestValues(criticality, null, cohort, resource, attributes);
  }

  RequestValues withCohort(double next) {
    if (!(next >= 0 && next < 1)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "cohort must be at least 0 and below 1, was %s", next));
    }
    return new RequestValues(criticality, deadline, OptionalDouble.of(next), resource, attributes);
  }

  RequestValues withResource(String next) {
    Objects.requireNonNull(next, "resource must not be null");
    return new RequestValues(criticality, deadline, cohort, Optional.of(next), attributes);
  }

  RequestValues withAttribute(RequestContext.Key<?> key, Object value) {
    Objects.requireNonNull(key, "key must not be null");
    if (value == null) {
      throw new NullPointerException("value of " + key + " must not be null");
    }
    int at = 0;
    while (at < attributes.length && attributes[at] != key) {
      at += 2;
    }
    Object[] more = Arrays.copyOf(attributes, Math.max(attributes.length, at + 2));
    more[at] = key;
    more[at + 1] = value;
    return new RequestValues(criticality, deadline, cohort, resource, more);
  }

  /** Leaves the values of attributes out: they may be private. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder().append(criticality);
    if (deadline != null) {
      text.append(", ").append(remaining().orElseThrow()).append(" left");
    }
    if (cohort.isPresent()) {
      text.append(", cohort ").append(cohort.getAsDouble());
    }
    if (resource.isPresent()) {
      text.append(", resource ").append(resource.get());
    }
    for (int i = 0; i < attributes.length; i += 2) {
      text.append(", ").append(attributes[i]);
    }
    return text.toString();
  }
}
