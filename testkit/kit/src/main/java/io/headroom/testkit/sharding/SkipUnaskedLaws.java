package io.headroom.testkit.sharding;

import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.PropagationMode;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/** Skips the properties whose law the subject is excused from, with the reason. */
final class SkipUnaskedLaws implements SkipExecutionHook {

  @Override
  public SkipResult shouldBeSkipped(LifecycleContext context) {
    return context
        .findAnnotation(AsksLaw.class)
        .flatMap(asked -> subjectOf(context).excuseFrom(asked.value()))
        .map(SkipResult::skip)
        .orElseGet(SkipResult::doNotSkip);
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
