/**
 * Degrades in steps before a connection pool collapses; {@link io.headroom.guard.ConnectionGuard}
 * is where it begins.
 *
 * <p>A guard stands between the application and its pools. It bounds who waits for a connection and
 * for how long, measures what the pools go through, and says so as a {@link io.headroom.LoadLevel}
 * per pool, by which caches, replicas and rate limits spare what is under load. What is beyond that
 * is refused at once, the least critical first, and always for the same users.
 *
 * <pre>{@code
 * ConnectionGuard guard = ConnectionGuard.create();
 * DataSource orders = guard.protect("orders", hikariPool);
 *
 * try (Admission admission = guard.admit(Criticality.STANDARD)) { // at the door, before any work
 *   return admission.allowed() ? serve(request, orders) : unavailable(admission.retryAfter());
 * }
 * }</pre>
 */
@NullMarked
package io.headroom.guard;

import org.jspecify.annotations.NullMarked;
