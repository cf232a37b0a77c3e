package io.headroom.examples.quickstart;

import org.jspecify.annotations.Nullable;

/**
 * A request of somebody.
 *
 * @param method GET, PUT or POST
 * @param path of the service's API
 * @param address whose it is, as the load balancer tells in {@code X-Forwarded-For}
 * @param cookie what its client was given last
 */
record Ask(String method, String path, String address, @Nullable String cookie) {

  static Ask get(String path, String address, @Nullable String cookie) {
    return new Ask("GET", path, address, cookie);
  }

  @Override
  public String toString() {
    return method + " " + path;
  }
}
