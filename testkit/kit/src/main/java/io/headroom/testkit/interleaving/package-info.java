/**
 * Races on demand: {@link io.headroom.testkit.interleaving.Interleaving} runs named actors one at a
 * time and decides, from a list of choices or a seed, who goes on at each point that a test has put
 * into its code.
 *
 * <pre>{@code
 * Interleaving race = Interleaving.of(choices); // from jqwik, which shrinks them
 * race.actor("reader", () -> cache.get("cart"));
 * race.actor("writer", () -> { store.put("cart", 2); cache.invalidate("cart"); });
 * race.run();
 * }</pre>
 */
@NullMarked
package io.headroom.testkit.interleaving;

import org.jspecify.annotations.NullMarked;
