package io.headroom.spring.boot;

import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What is done about shards whose schemas are not the same. Immutable.
 *
 * @param onDrift whether shards are compared at the start, and what a difference does
 * @param ignore what may differ: tables, or what belongs to one, as in audit_* or orders.slot_check
 */
record DriftProperties(@DefaultValue("warn") OnDrift onDrift, @DefaultValue List<String> ignore) {

  /** What a difference does. */
  enum OnDrift {
    /** It stops the start. */
    STOP,
    /** It is in the log, and in the endpoint. */
    WARN,
    /** Nobody looks for it. */
    OFF
  }
}
