package io.headroom.sharding;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Whoever drops what the method returns has done nothing. Error Prone knows the annotation by its
 * simple name, whosever it is, so that it takes no dependency to warn those who use Error Prone.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.CLASS)
@interface CheckReturnValue {}
