package io.headroom.spring.boot;

import io.headroom.RequestContext;
import java.util.concurrent.Delayed;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.task.TaskDecorator;

/**
 * Takes the request's context along to {@code @Async} methods and other tasks of Spring Boot's own
 * executor, on platform and virtual threads. What is scheduled goes on when the request has ended,
 * perhaps for ever, so it does not get the request's deadline.
 */
@AutoConfiguration(
    after = HeadroomAutoConfiguration.class,
    beforeName = "org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration")
@Conditional(OnProperties.Headroom.class)
public final class HeadroomTaskAutoConfiguration {

  HeadroomTaskAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(TaskDecorator.class)
  TaskDecorator requestContextTaskDecorator() {
    return task ->
        RequestContext.attached()
            .map(context -> task instanceof Delayed ? lasting(context) : context)
            .map(context -> context.wrap(task))
            .orElse(task);
  }

  private static RequestContext lasting(RequestContext context) {
    return context.toBuilder().withoutDeadline().build();
  }
}
