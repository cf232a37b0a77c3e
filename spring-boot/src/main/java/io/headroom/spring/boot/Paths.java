package io.headroom.spring.boot;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/** Some of the paths of an application, as Spring MVC matches them. Immutable. */
final class Paths {

  private final List<PathPattern> patterns;

  private Paths(List<PathPattern> patterns) {
    this.patterns = patterns;
  }

  static Paths of(String property, List<String> patterns) {
    PathPatternParser parser = new PathPatternParser();
    return new Paths(
        patterns.stream()
            .map(
                pattern -> {
                  try {
                    return parser.parse(pattern.startsWith("/") ? pattern : "/" + pattern);
                  } catch (PatternParseException malformed) {
                    throw new HeadroomPropertyException(
                        property,
                        "'" + pattern + "' is no path pattern: " + malformed.getMessage(),
                        "Write it as for @RequestMapping, such as /orders/**.",
                        malformed);
                  }
                })
            .toList());
  }

  boolean isEmpty() {
    return patterns.isEmpty();
  }

  boolean match(PathContainer path) {
    for (PathPattern pattern : patterns) {
      if (pattern.matches(path)) {
        return true;
      }
    }
    return false;
  }

  /** The path of a request within its application, undecoded. */
  static PathContainer of(HttpServletRequest request) {
    String uri = request.getRequestURI();
    String context = request.getContextPath();
    return PathContainer.parsePath(uri.startsWith(context) ? uri.substring(context.length()) : uri);
  }
}
