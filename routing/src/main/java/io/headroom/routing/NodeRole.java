package io.headroom.routing;

/** What a server says of itself. */
public enum NodeRole {
  /** It takes writes. */
  PRIMARY,
  /** It follows a primary, and refuses writes. */
  REPLICA
}
