package io.headroom.testkit.sharding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which law a property asks of its subject. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface AsksLaw {

  /** The law. */
  ShardLaw value();

  /** Whether it takes a golden value, which a subject need not have. */
  boolean takesGoldenValue() default false;
}
