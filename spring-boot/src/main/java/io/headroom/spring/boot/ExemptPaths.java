package io.headroom.spring.boot;

import java.util.List;
import org.springframework.core.env.Environment;

/** Whom nobody may refuse: who asks whether the process is well would have it taken away. */
final class ExemptPaths {

  private ExemptPaths() {}

  /** Those of the property or else, wherever the application has them, Actuator's and probes. */
  static Paths of(RequestProperties properties, Environment environment) {
    List<String> given = properties.exempt();
    return Paths.of("headroom.request.exempt", given == null ? ofActuator(environment) : given);
  }

  private static List<String> ofActuator(Environment environment) {
    String servlet = slashless(environment.getProperty("spring.mvc.servlet.path", ""));
    String base =
        slashless(environment.getProperty("management.endpoints.web.base-path", "/actuator"));
    if (base.isEmpty()) { // it has no folder of its own, and the rest is the application's
      base =
          "/" + environment.getProperty("management.endpoints.web.path-mapping.health", "health");
    }
    return List.of(servlet + base + "/**", servlet + "/livez", servlet + "/readyz");
  }

  private static String slashless(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }
}
