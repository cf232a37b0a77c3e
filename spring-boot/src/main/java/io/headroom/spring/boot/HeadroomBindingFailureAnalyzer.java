package io.headroom.spring.boot;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.origin.Origin;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Tells which keys below {@code headroom} are unknown or cannot be bound, without their values,
 * which Spring Boot's own analyzers print: beside a mistyped {@code password} stands a secret.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class HeadroomBindingFailureAnalyzer extends AbstractFailureAnalyzer<BindException> {

  private static final ConfigurationPropertyName OURS = ConfigurationPropertyName.of("headroom");

  private final Function<ConfigurationPropertyName, Optional<ConfigurationPropertyName>> near;

  HeadroomBindingFailureAnalyzer() {
    this(NearNames::of);
  }

  /**
   * For tests.
   *
   * @param near finds what was meant by a name
   */
  HeadroomBindingFailureAnalyzer(
      Function<ConfigurationPropertyName, Optional<ConfigurationPropertyName>> near) {
    this.near = near;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable root, BindException cause) {
    if (!OURS.equals(cause.getName()) && !OURS.isAncestorOf(cause.getName())) {
      return null;
    }
    if (cause.getCause() instanceof UnboundConfigurationPropertiesException unbound) {
      StringBuilder text =
          new StringBuilder(
              "Headroom knows nothing of these properties, which were left unbound:\n");
      unbound
          .getUnboundProperties()
          .forEach(
              each ->
                  text.append("\n    ")
                      .append(each.getName())
                      .append(at(each.getOrigin()))
                      .append(meant(each.getName())));
      return new FailureAnalysis(text.toString(), "Correct their names, or drop them.", cause);
    }
    ConfigurationProperty property = cause.getProperty();
    Origin origin = property == null ? null : property.getOrigin();
    Class<?> type = cause.getTarget().getType().resolve(Object.class);
    if (type.isEnum() && property != null) {
      return new FailureAnalysis(
          "Headroom cannot start with the property "
              + cause.getName()
              + at(origin)
              + ":\n\n    it is '"
              + property.getValue()
              + "', which is none of those that it can be.",
          "Write one of " + allowed(type) + ".",
          cause);
    }
    if (isNoSecret(type)) {
      return null; // its value helps
    }
    return new FailureAnalysis(
        "Headroom cannot start with the property "
            + cause.getName()
            + at(origin)
            + ":\n\n    it cannot be a "
            + cause.getTarget().getType()
            + ". Its value is left out here, since it may be secret.",
        "Correct its value or, where others belong below it, its place.",
        cause);
  }

  /** Whatever fails here, this analyzer must not: the next one would print the value. */
  private String meant(ConfigurationPropertyName unknown) {
    try {
      return near.apply(unknown).map(name -> ": did you mean " + name + "?").orElse("");
    } catch (RuntimeException notFound) {
      return "";
    }
  }

  /** As docs/properties.md writes them. */
  private static String allowed(Class<?> type) {
    return Arrays.stream(type.getEnumConstants())
        .map(each -> ((Enum<?>) each).name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .collect(Collectors.joining(", "));
  }

  private static boolean isNoSecret(Class<?> type) {
    return type.isPrimitive()
        || type == Boolean.class
        || type == Duration.class
        || Number.class.isAssignableFrom(type);
  }

  private static String at(@Nullable Origin origin) {
    return origin == null ? "" : " (" + origin + ")";
  }
}
