/**
 * The main job: {@link io.headroom.examples.quickstart.Quickstart} runs Headroom on nine real
 * PostgreSQL servers, of which some fail meanwhile, and checks what it did.
 */
@NullMarked
package io.headroom.examples.quickstart;

import org.jspecify.annotations.NullMarked;
