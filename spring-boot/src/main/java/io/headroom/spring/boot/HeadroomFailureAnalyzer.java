package io.headroom.spring.boot;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.origin.Origin;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;

/** Tells a person which property stopped the start, where it stands, and how to mend it. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class HeadroomFailureAnalyzer extends AbstractFailureAnalyzer<HeadroomPropertyException> {

  private final Environment environment;

  HeadroomFailureAnalyzer(Environment environment) {
    this.environment = environment;
  }

  @Override
  protected FailureAnalysis analyze(Throwable root, HeadroomPropertyException cause) {
    return new FailureAnalysis(
        "Headroom cannot start with the property "
            + cause.property()
            + origin(cause.property())
            + ":\n\n    "
            + cause.wrong(),
        cause.mend(),
        cause);
  }

  /** The file and the line, where that is known. */
  private String origin(String property) {
    ConfigurationPropertyName name = ConfigurationPropertyName.adapt(property, '.');
    for (var source : ConfigurationPropertySources.get(environment)) {
      ConfigurationProperty found = source.getConfigurationProperty(name);
      if (found != null) {
        Origin origin = found.getOrigin();
        return origin == null ? "" : " (" + origin + ")";
      }
    }
    return "";
  }
}
