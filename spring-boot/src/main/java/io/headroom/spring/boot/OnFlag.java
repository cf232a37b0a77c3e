package io.headroom.spring.boot;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether a property is true, in all ways of writing that: on, yes and 1 are what Spring Boot's own
 * condition does not know, though its properties do.
 */
abstract class OnFlag extends SpringBootCondition {

  private final String property;
  private final boolean unlessSet;

  private OnFlag(String property, boolean unlessSet) {
    this.property = property;
    this.unlessSet = unlessSet;
  }

  /** Pools are guarded. */
  static final class Guard extends OnFlag {
    Guard() {
      super("headroom.guard.enabled", false);
    }
  }

  /** A filter asks the guard. */
  static final class Door extends OnFlag {
    Door() {
      super("headroom.guard.http.enabled", true);
    }
  }

  /** Loads, scatters and failovers are observed. */
  static final class Observations extends OnFlag {
    Observations() {
      super("headroom.observations.enabled", true);
    }
  }

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    ConditionMessage.Builder message = ConditionMessage.forCondition("Headroom", property);
    boolean isTrue;
    try {
      isTrue = Binder.get(context.getEnvironment()).bind(property, Boolean.class).orElse(unlessSet);
    } catch (BindException neither) {
      return ConditionOutcome.noMatch(message.because("it is neither true nor false"));
    }
    return isTrue
        ? ConditionOutcome.match(message.because("it is true"))
        : ConditionOutcome.noMatch(message.because("it is false"));
  }
}
