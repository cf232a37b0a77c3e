package io.headroom.spring.boot;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;

/**
 * What limits know of a request.
 *
 * @param path within the application
 * @param address of the client
 * @param user null if not known
 */
record LimitedRequest(PathContainer path, String address, @Nullable Object user) {}
