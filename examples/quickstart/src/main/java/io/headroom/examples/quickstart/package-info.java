/**
 * The main job: {@link io.headroom.examples.quickstart.Quickstart} runs Headroom on four real
 * PostgreSQL servers and checks what it did.
 */
@NullMarked
package io.headroom.examples.quickstart;

import org.jspecify.annotations.NullMarked;
