package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import io.headroom.guard.ConnectionGuard;
import io.headroom.guard.http.AdmissionFilter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

/** Whoever asks whether the process is well is never refused, wherever he asks. */
class ExemptPathsTest {

  /** A door at which nobody gets an answer. */
  @Configuration(proxyBeanMethods = false)
  static class Shut {

    @Bean
    AdmissionFilter shut(ConnectionGuard guard) {
      return AdmissionFilter.builder(guard)
          .criticality(
              request -> {
                throw new IllegalStateException("asked about " + request.getRequestURI());
              })
          .build();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x=y | /actuator/health",
        "x=y | /actuator/health/readiness",
        "x=y | /actuator",
        "x=y | /livez",
        "x=y | /readyz",
        "management.endpoints.web.base-path=/manage | /manage/health/liveness",
        "management.endpoints.web.base-path=/manage/ | /manage/health",
        "management.endpoints.web.base-path=/ | /health/liveness",
        "management.endpoints.web.base-path=/ | /livez",
        "spring.mvc.servlet.path=/api/ | /api/actuator/health",
        "spring.mvc.servlet.path=/api | /api/readyz",
        "headroom.request.exempt=/ping | /ping"
      })
  void whoAsksForHealthIsNeverRefused(String property, String path) {
    Applications.servlet()
        .withPropertyValues(
            property, "headroom.guard.enabled=true", "headroom.limits.door.rate=1/h")
        .withUserConfiguration(Shut.class)
        .run(
            context -> {
              List<Criticality> served = new ArrayList<>();
              for (int i = 0; i < 3; i++) {
                assertThat(ask(context, path, served)).isEqualTo(200);
              }
              assertThat(served).hasSize(3).containsOnly(Criticality.CRITICAL);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "x=y | /orders",
        "x=y | /livezz",
        "management.endpoints.web.base-path=/manage | /actuator/health",
        "management.endpoints.web.base-path=/ | /orders",
        "headroom.request.exempt=/ping | /livez"
      })
  void everybodyElseIsAsked(String property, String path) {
    Applications.servlet()
        .withPropertyValues(
            property, "headroom.guard.enabled=true", "headroom.limits.door.rate=1/h")
        .withUserConfiguration(Shut.class)
        .run(
            context -> {
              assertThatThrownBy(() -> ask(context, path, new ArrayList<>()))
                  .hasMessage("asked about " + path);
              assertThat(ask(context, path, new ArrayList<>())).isEqualTo(429);
            });
  }

  /** Through all three filters, in their order. */
  private static int ask(ApplicationContext context, String path, List<Criticality> served)
      throws IOException, ServletException {
    FilterChain chain = (request, response) -> served.add(RequestContext.current().criticality());
    for (String name :
        List.of("headroomAdmissionFilter", "headroomLimitFilter", "headroomContextFilter")) {
      FilterChain rest = chain;
      var filter = ((FilterRegistrationBean<?>) context.getBean(name)).getFilter();
      chain = (request, response) -> filter.doFilter(request, response, rest);
    }
    MockHttpServletResponse response = new MockHttpServletResponse();
    chain.doFilter(new MockHttpServletRequest("GET", path), response);
    return response.getStatus();
  }
}
