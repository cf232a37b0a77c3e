/**
 * What tests of any part of Headroom need: {@link io.headroom.testkit.ManualTime}, a clock that
 * only a test moves.
 *
 * <pre>{@code
 * ManualTime time = ManualTime.create();
 * time.advance(Duration.ofSeconds(30));
 * }</pre>
 */
@NullMarked
package io.headroom.testkit;

import org.jspecify.annotations.NullMarked;
