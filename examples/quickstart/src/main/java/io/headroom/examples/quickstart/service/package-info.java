/**
 * A whole service with Headroom, and without a framework: what an application writes is here.
 *
 * <p>{@link io.headroom.examples.quickstart.service.ServiceMain} puts it together: {@link
 * io.headroom.examples.quickstart.service.Wiring} for the databases, {@code Profiles} and {@code
 * OrderBook} for the data, {@code Limits}, {@code RequestFilter} and {@code Api} for HTTP. It knows
 * nothing of the load that it is under.
 */
@NullMarked
package io.headroom.examples.quickstart.service;

import org.jspecify.annotations.NullMarked;
