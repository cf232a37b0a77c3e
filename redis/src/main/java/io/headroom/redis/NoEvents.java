package io.headroom.redis;

import io.lettuce.core.event.Event;
import io.lettuce.core.event.EventBus;
import reactor.core.publisher.Flux;

/** Lettuce's events, which nobody hears: what it would publish them with takes long to begin. */
final class NoEvents implements EventBus {

  @Override
  public Flux<Event> get() {
    return Flux.never();
  }

  @Override
  public void publish(Event event) {}
}
