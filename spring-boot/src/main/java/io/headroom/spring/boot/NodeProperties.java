package io.headroom.spring.boot;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * One database server. Immutable.
 *
 * @param url JDBC URL of the server
 * @param name a primary's name, which it keeps when another is promoted; a replica's is its key
 * @param username the user, if it is not that of all servers
 * @param password the password, if it is not that of all servers
 * @param pool what is other than in the pools of all servers
 * @param weight share of reads beside the others'; 1 unless set
 * @param zone where the server stands
 * @param backup whether the server is read from only when no other replica will do
 */
record NodeProperties(
    @Nullable String url,
    @Nullable String name,
    @Nullable String username,
    @Nullable String password,
    @NestedConfigurationProperty @DefaultValue PoolProperties pool,
    @Nullable Double weight,
    @Nullable String zone,
    @DefaultValue("false") boolean backup) {

  /** Leaves the password out, which is secret, and with it the URL, which may have one. */
  @Override
  public String toString() {
    return "NodeProperties[" + (name == null ? "" : name) + "]";
  }
}
