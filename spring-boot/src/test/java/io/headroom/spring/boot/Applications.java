package io.headroom.spring.boot;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

/** Applications that have nothing but what their properties turn on. */
final class Applications {

  /** A pool that never connects to anything. */
  static final String NOWHERE = "jdbc:postgresql://127.0.0.1:9/nowhere?connectTimeout=1";

  private Applications() {}

  /** Flyway is on the class path of the tests, and Spring Boot would run it at every start. */
  static final String NO_FLYWAY = "spring.flyway.enabled=false";

  /** An empty application. */
  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Empty {}

  /** Without web, over a pool of Spring Boot's own. */
  static ApplicationContextRunner plain() {
    return new ApplicationContextRunner()
        .withUserConfiguration(Empty.class)
        .withPropertyValues(NO_FLYWAY, "spring.datasource.url=" + NOWHERE);
  }

  /** The same, without that pool. */
  static ApplicationContextRunner bare() {
    return new ApplicationContextRunner()
        .withUserConfiguration(Empty.class)
        .withPropertyValues(NO_FLYWAY);
  }

  /** With servlets and no server. */
  static WebApplicationContextRunner servlet() {
    return new WebApplicationContextRunner()
        .withUserConfiguration(Empty.class)
        .withPropertyValues(NO_FLYWAY, "spring.datasource.url=" + NOWHERE);
  }
}
