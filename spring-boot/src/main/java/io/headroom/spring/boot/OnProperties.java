package io.headroom.spring.boot;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether something is configured below a name, and nothing that comes before it. */
abstract class OnProperties extends SpringBootCondition {

  private static final String SHARDS = "headroom.database.shards";
  private static final String REPLICAS = "headroom.database.replicas";
  private static final String PRIMARY = "headroom.database.primary";

  private final String below;
  private final String[] butNot;

  private OnProperties(String below, String... butNot) {
    this.below = below;
    this.butNot = butNot;
  }

  /** Anything of Headroom. */
  static final class Headroom extends OnProperties {
    Headroom() {
      super("headroom");
    }
  }

  /** Databases of our own. */
  static final class Any extends OnProperties {
    Any() {
      super("headroom.database");
    }
  }

  /** None of our own. */
  static final class None extends OnProperties {
    None() {
      super("", "headroom.database");
    }
  }

  /** Several shards. */
  static final class Sharded extends OnProperties {
    Sharded() {
      super(SHARDS);
    }
  }

  /** One primary with replicas. */
  static final class Replicated extends OnProperties {
    Replicated() {
      super(REPLICAS, SHARDS);
    }
  }

  /** One server. */
  static final class Single extends OnProperties {
    Single() {
      super(PRIMARY, SHARDS, REPLICAS);
    }
  }

  /** A Redis to share by. */
  static final class Redis extends OnProperties {
    Redis() {
      super("headroom.redis");
    }
  }

  /** At least one cache. */
  static final class Caches extends OnProperties {
    Caches() {
      super("headroom.caches");
    }
  }

  /** At least one limit. */
  static final class Limits extends OnProperties {
    Limits() {
      super("headroom.limits");
    }
  }

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    ConditionMessage.Builder message = ConditionMessage.forCondition("Headroom");
    for (String other : butNot) {
      if (isSet(context.getEnvironment(), other)) {
        return ConditionOutcome.noMatch(message.found("property").items(other));
      }
    }
    return below.isEmpty() || isSet(context.getEnvironment(), below)
        ? ConditionOutcome.match(message.found("property").items(below))
        : ConditionOutcome.noMatch(message.didNotFind("property").items(below));
  }

  private static boolean isSet(Environment environment, String below) {
    ConfigurationPropertyName name = ConfigurationPropertyName.of(below);
    for (var source : ConfigurationPropertySources.get(environment)) {
      if (source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
        return true;
      }
    }
    return false;
  }
}
