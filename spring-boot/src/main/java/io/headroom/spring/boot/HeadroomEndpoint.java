package io.headroom.spring.boot;

import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/** {@code /actuator/headroom}: the shard map, nodes, lag, levels, caches and limits. */
@Endpoint(id = "headroom")
final class HeadroomEndpoint {

  private final Overview overview;

  HeadroomEndpoint(Overview overview) {
    this.overview = overview;
  }

  @ReadOperation
  Map<String, Object> overview() {
    return overview.all();
  }
}
