package com.example.market;

/**
 * What somebody asks for.
 *
 * @param kind what
 * @param stall of which stall, for all but the newest orders
 * @param user who asks
 * @param address from where
 * @param seen the cookie that an earlier answer gave; empty if there was none
 */
public record Request(Kind kind, long stall, String user, String address, String seen) {

  /** What can be asked for. */
  public enum Kind {
    /** A stall's page. */
    PAGE,
    /** To order there. */
    ORDER,
    /** The stall's orders. */
    ORDERS,
    /** The newest orders of all stalls. */
    NEWEST
  }
}
