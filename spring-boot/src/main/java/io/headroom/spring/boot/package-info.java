/**
 * Headroom in a Spring Boot service, from its configuration file: below {@code headroom} stand the
 * databases with their replicas and shards, the guard of their pools, caches, limits, and what is
 * known of each request. The module's README shows such a file, and what each block turns on.
 *
 * <pre>{@code
 * headroom:
 *   guard:
 *     enabled: true # guards the pool of spring.datasource
 * }</pre>
 */
@NullMarked
package io.headroom.spring.boot;

import org.jspecify.annotations.NullMarked;
