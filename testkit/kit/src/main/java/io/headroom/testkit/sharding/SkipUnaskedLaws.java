package io.headroom.testkit.sharding;

import java.util.Optional;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/** Skips the properties whose law is not asked of the subject, with the reason. */
final class SkipUnaskedLaws implements SkipExecutionHook {

  @Override
  public SkipResult shouldBeSkipped(LifecycleContext context) {
    return context
        .findAnnotation(AsksLaw.class)
        .flatMap(asked -> reasonToSkip(asked, subjectOf(context)))
        .map(SkipResult::skip)
        .orElseGet(SkipResult::doNotSkip);
  }

  static Optional<String> reasonToSkip(AsksLaw asked, RouterSubject<?> subject) {
    Optional<String> excuse = subject.excuseFrom(asked.value());
    return excuse.isEmpty() && asked.takesGoldenValue() && subject.goldenValue == null
        ? Optional.of(ShardRouterContract.of(subject).noGoldenValue())
        : excuse;
  }

  private static RouterSubject<?> subjectOf(LifecycleContext context) {
    Class<?> container =
        context
            .optionalContainerClass()
            .orElseThrow(() -> new IllegalStateException("a law has no class"));
    return ((RouterSubjectSource<?>) context.newInstance(container)).subject();
  }

  @Override
  public PropagationMode propagateTo() {
    return PropagationMode.ALL_DESCENDANTS;
  }
}
