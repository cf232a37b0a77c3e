package io.headroom.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.headroom.Criticality;
import io.headroom.RequestContext;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.task.ThreadPoolTaskSchedulerBuilder;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

/** What tasks know of the request that began them. */
class TasksTest {

  private static final RequestContext.Key<Integer> NUMBER = RequestContext.Key.named("number");

  private static RequestContext request() {
    return RequestContext.builder()
        .criticality(Criticality.CRITICAL)
        .timeout(Duration.ofHours(1))
        .build();
  }

  @Test
  void anAsynchronousTaskHasTheTimeThatTheRequestHas() {
    Applications.plain()
        .withPropertyValues("headroom.request.timeout=2s")
        .run(
            context -> {
              AsyncTaskExecutor executor =
                  context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
              CompletableFuture<RequestContext> seen = new CompletableFuture<>();
              try (var scope = request().attach()) {
                assertThat(scope).isNotNull();
                executor.execute(() -> seen.complete(RequestContext.current()));
              }
              assertThat(seen.join().criticality()).isEqualTo(Criticality.CRITICAL);
              assertThat(seen.join().remaining()).isPresent();
            });
  }

  @Test
  void whatIsScheduledOutlivesTheDeadline() {
    assertOutlives((scheduler, task) -> scheduler.scheduleAtFixedRate(task, Duration.ofMillis(1)));
    assertOutlives((scheduler, task) -> scheduler.schedule(task, Instant.now()));
    assertOutlives(
        (scheduler, task) ->
            scheduler.schedule(
                task, trigger -> trigger.lastCompletion() == null ? Instant.now() : null));
  }

  private static void assertOutlives(
      BiFunction<ThreadPoolTaskScheduler, Runnable, @Nullable Future<?>> schedule) {
    Applications.plain()
        .withPropertyValues("headroom.request.timeout=2s")
        .run(
            context -> {
              ThreadPoolTaskScheduler scheduler =
                  context.getBean(ThreadPoolTaskSchedulerBuilder.class).build();
              scheduler.initialize();
              try (var scope = request().attach()) {
                assertThat(scope).isNotNull();
                CompletableFuture<RequestContext> seen = new CompletableFuture<>();
                Future<?> task =
                    schedule.apply(scheduler, () -> seen.complete(RequestContext.current()));
                assertThat(task).isNotNull();
                assertThat(seen.join().criticality()).isEqualTo(Criticality.CRITICAL);
                assertThat(seen.join().remaining()).isEmpty();
              } finally {
                scheduler.shutdown();
              }
            });
  }

  /** As {@code @Async} methods and MVC's asynchronous requests run where that is on. */
  @Test
  void virtualThreadsCarryTheContextToo() {
    assumeTrue(
        Runtime.version().feature() >= 21,
        "this JDK has no virtual threads: run the tests with 21 or newer (-Djvm=.../bin/java)");
    Applications.plain()
        .withPropertyValues("headroom.request.timeout=2s", "spring.threads.virtual.enabled=true")
        .run(
            context -> {
              AsyncTaskExecutor executor =
                  context.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
              List<CompletableFuture<String>> seen = new ArrayList<>();
              for (int i = 0; i < 200; i++) {
                RequestContext each = request().toBuilder().with(NUMBER, i).build();
                try (var scope = each.attach()) {
                  assertThat(scope).isNotNull();
                  CompletableFuture<String> one = new CompletableFuture<>();
                  executor.execute(
                      () -> {
                        one.complete(
                            RequestContext.current().get(NUMBER) + " " + Thread.currentThread());
                      });
                  seen.add(one);
                }
              }
              for (int i = 0; i < seen.size(); i++) {
                assertThat(seen.get(i).join()).startsWith(i + " VirtualThread[");
              }
              CompletableFuture<Boolean> without = new CompletableFuture<>();
              executor.execute(() -> without.complete(RequestContext.attached().isPresent()));
              assertThat(without.join()).isFalse();
            });
  }
}
