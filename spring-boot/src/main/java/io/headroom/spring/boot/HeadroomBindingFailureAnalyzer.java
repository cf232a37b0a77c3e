package io.headroom.spring.boot;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
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

  HeadroomBindingFailureAnalyzer() {}

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
              each -> text.append("\n    ").append(each.getName()).append(at(each.getOrigin())));
      return new FailureAnalysis(text.toString(), "Correct their names, or drop them.", cause);
    }
    if (isNoSecret(cause.getTarget().getType().resolve(Object.class))) {
      return null; // its value helps
    }
    Origin origin = cause.getProperty() == null ? null : cause.getProperty().getOrigin();
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

  private static boolean isNoSecret(Class<?> type) {
    return type.isPrimitive()
        || type.isEnum()
        || type == Boolean.class
        || type == Duration.class
        || Number.class.isAssignableFrom(type);
  }

  private static String at(@Nullable Origin origin) {
    return origin == null ? "" : " (" + origin + ")";
  }
}
