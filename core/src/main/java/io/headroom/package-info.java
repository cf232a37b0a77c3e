/**
 * The one of everything that the Headroom libraries share: {@link io.headroom.KeyHash} says where a
 * key lives, {@link io.headroom.RequestContext} what is known of the request being served, {@link
 * io.headroom.ConsistencyToken} what its caller has seen, {@link io.headroom.LoadSignal} how loaded
 * a resource is, {@link io.headroom.TimeSource} what time it is.
 *
 * <pre>{@code
 * RequestContext context =
 *     RequestContext.builder().timeout(Duration.ofSeconds(2)).cohortOf(userId).build();
 * try (RequestContext.Scope scope = context.attach()) {
 *   int slot = (int) (KeyHash.of(userId) & 16383);  // hashint8extended(user_id, 0) & 16383
 * }
 * }</pre>
 */
@NullMarked
package io.headroom;

import org.jspecify.annotations.NullMarked;
