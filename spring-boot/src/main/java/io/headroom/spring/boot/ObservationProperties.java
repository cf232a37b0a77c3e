package io.headroom.spring.boot;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is observed. Immutable.
 *
 * @param enabled whether loads, scatters and failovers are observed where there is a registry of
 *     observations: as spans, if it traces, and timers; true unless set
 */
record ObservationProperties(@DefaultValue("true") boolean enabled) {}
