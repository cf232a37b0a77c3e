package io.headroom.spring.boot;

import java.util.Map;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Whether something is configured below a name, and nothing that comes before it. */
abstract class OnProperties extends SpringBootCondition {

  private static final String SHARDS = "headroom.database.shards";
  private static final String REPLICAS = "headroom.database.replicas";
  private static final String DATABASE = "headroom.database";
  private static final String REDIS = "headroom.redis";
  private static final String CACHES = "headroom.caches";
  private static final String LIMITS = "headroom.limits";
  private static final String PRIMARY = "headroom.database.primary";

  /** By what a property is, since the environment may have something else of that name. */
  private static final Map<String, Bindable<?>> TYPES =
      Map.of(
          "headroom",
          Bindable.of(HeadroomProperties.class),
          DATABASE,
          Bindable.of(DatabaseProperties.class),
          PRIMARY,
          Bindable.of(NodeProperties.class),
          REPLICAS,
          Bindable.mapOf(String.class, NodeProperties.class),
          SHARDS,
          Bindable.mapOf(String.class, ShardProperties.class),
          REDIS,
          Bindable.of(RedisProperties.class),
          CACHES,
          Bindable.mapOf(String.class, CacheProperties.class),
          LIMITS,
          Bindable.mapOf(String.class, LimitProperties.class));

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
      super(DATABASE);
    }
  }

  /** None of our own. */
  static final class None extends OnProperties {
    None() {
      super("", DATABASE);
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
      super(REDIS);
    }
  }

  /** At least one cache. */
  static final class Caches extends OnProperties {
    Caches() {
      super(CACHES);
    }
  }

  /** At least one limit. */
  static final class Limits extends OnProperties {
    Limits() {
      super(LIMITS);
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
    if (below.startsWith(DATABASE) && !isDatabaseEnabled(environment)) {
      return false;
    }
    ConfigurationPropertyName name = ConfigurationPropertyName.of(below);
    boolean perhaps = false;
    for (var source : ConfigurationPropertySources.get(environment)) {
      if (source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
        if (!isOfTheSystem(source)) {
          return true; // what is unknown there stops the start
        }
        perhaps = true;
      }
    }
    return perhaps && isBound(environment, below);
  }

  /** Where others have properties, too, which are not refused. */
  private static boolean isOfTheSystem(ConfigurationPropertySource source) {
    return source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource
        || (source.getUnderlyingSource() instanceof PropertySource<?> named
            && named.getName().equals(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME));
  }

  private static boolean isDatabaseEnabled(Environment environment) {
    try {
      return Binder.get(environment).bind(DATABASE + ".enabled", Boolean.class).orElse(true);
    } catch (BindException neither) {
      return true; // the same stops the start
    }
  }

  /**
   * Binds it, which takes a while. Kubernetes has HEADROOM_DATABASE_SERVICE_HOST in the environment
   * where a Service is called headroom-database: that binds nothing.
   */
  private static boolean isBound(Environment environment, String below) {
    try {
      return Binder.get(environment).bind(below, TYPES.get(below)).isBound();
    } catch (BindException wrong) {
      return true; // the same stops the start, and tells where it stands
    }
  }
}
