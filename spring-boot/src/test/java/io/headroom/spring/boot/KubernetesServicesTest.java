package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.headroom.guard.ConnectionGuard;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.task.TaskDecorator;

/** What Kubernetes tells each container of Services, which may be called as our properties are. */
class KubernetesServicesTest {

  private static final Map<String, Object> SERVICES =
      Map.of(
          "HEADROOM_SERVICE_HOST", "10.0.0.1",
          "HEADROOM_PORT", "tcp://10.0.0.1:80",
          "HEADROOM_DATABASE_SERVICE_HOST", "10.0.0.2",
          "HEADROOM_DATABASE_PORT_5432_TCP_ADDR", "10.0.0.2",
          "HEADROOM_DATABASE_PRIMARY_SERVICE_HOST", "10.0.0.3",
          "HEADROOM_REDIS_SERVICE_HOST", "10.0.0.4",
          "HEADROOM_REDIS_PORT", "tcp://10.0.0.4:6379");

  private static WebApplicationContextRunner application() {
    String environment = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
    return Applications.servlet()
        .withInitializer(
            context ->
                context
                    .getEnvironment()
                    .getPropertySources()
                    .replace(
                        environment, new SystemEnvironmentPropertySource(environment, SERVICES)));
  }

  @Test
  void theyConfigureNothing() {
    application()
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context).doesNotHaveBean(Databases.class);
              assertThat(context).doesNotHaveBean("redisLimits");
              assertThat(context).doesNotHaveBean("headroomContextFilter");
              assertThat(context).doesNotHaveBean(TaskDecorator.class);
            });
  }

  @Test
  void theyDoNotGetInTheWayOfWhatIsConfigured() {
    application()
        .withPropertyValues("headroom.guard.enabled=true")
        .run(
            context -> {
              assertThat(context).hasSingleBean(ConnectionGuard.class);
              assertThat(context.getBean(GuardedPools.class).names()).containsExactly("dataSource");
            });
  }
}
